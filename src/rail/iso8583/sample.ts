import type { IsoFields } from './spec.ts';

/** A typical message for the bench of codecs and the tests: an interbank transfer as our ATM sends it, 22 fields and a second bitmap, 369
 * bytes. Names, numbers and keys are made up. */
export const TRANSFER_FIELDS: IsoFields = {
  2: '6220990000000011',
  3: '401000',
  4: '000005000000',
  7: '0801030015',
  11: '000101',
  12: '100015',
  13: '0801',
  18: '6011',
  22: '051',
  25: '00',
  32: '99000001',
  35: '6220990000000011=29122210000012300000',
  37: '260801000101',
  41: 'ATM00001',
  42: 'PULIH0000000001',
  43: 'ATM SUDIRMAN 1           JAKARTA      ID',
  48: `${'BUDI SANTOSO'.padEnd(30)}REF0000000000001${'SITI AMINAH'.padEnd(30)}`,
  49: '360',
  52: '04123D6FFFFFFFFE',
  102: '1001000001',
  103: '1200000001',
  128: '0123456789ABCDEF',
};
