/** Merchants for tests: two of one partner, one of another. */
import type { Db } from '../db/pool.ts';
import { systemRandom } from '../kernel/random.ts';
import type { MerchantDraft } from './port.ts';
import { createMerchants } from './open.ts';

/** A warung with two terminals, and a shop. */
export const MERCHANTS: readonly MerchantDraft[] = [
  {
    id: 'mer_warung',
    serial: 1n,
    nmid: 'ID1020000019901',
    name: 'WARUNG BU SRI',
    city: 'YOGYAKARTA',
    postalCode: '55221',
    category: '5812',
    merchantClass: 'UMI',
    settlementAccount: '1990000002',
    partnerId: 'partner-a',
    terminals: ['A01', 'A02'],
  },
  {
    id: 'mer_sekolah',
    serial: 2n,
    nmid: 'ID1020000019902',
    name: 'SEKOLAH CONTOH',
    city: 'SLEMAN',
    postalCode: '55281',
    category: '8211',
    merchantClass: 'EDU',
    settlementAccount: '1990000002',
    partnerId: 'partner-b',
    terminals: ['K01'],
  },
];

/** The bank of these merchants. */
export const BANK = {
  name: 'Bank Pulih Daerah',
  bic: 'PULHIDJA',
  bankCode: '199',
  hubBic: 'FASTIDJA',
};

/** Writes them. */
export function seedMerchants(db: Db, nowMs: number): Promise<number> {
  return db.tx((tx) =>
    createMerchants(tx, { nowMs, bank: BANK, random: systemRandom(), merchants: MERCHANTS }),
  );
}
