/** The record of codes that speak against themselves: a sticker pasted over a merchant's own code. Never in the way of who scans. */
import { DbFault } from '../db/pool.ts';
import { sha256 } from '../kernel/canonical.ts';
import { newId } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import { wibDate } from '../kernel/time.ts';
import { nnsOf, type MerchantCode } from '../rail/qris/code.ts';
import { encodeQris } from '../rail/qris/encode.ts';
import { nnsOfBank } from '../rail/qris/nns.ts';
import type { MerchantContext } from './context.ts';
import type { CodeReading, Merchants } from './port.ts';
import { insertWarning } from './store-desk.ts';
import { selectNamed } from './store.ts';

/** Of a key that stands for a person: enough to tell two apart. */
const KEY_DIGITS = 16;

/** Keeps a reading with warnings, once per reader, code and day; one without leaves nothing. Throws DbFault. */
export async function noteWarnings(
  context: MerchantContext,
  of: {
    readonly code: MerchantCode;
    readonly reading: CodeReading;
    readonly channel: 'mobile' | 'snap';
    /** Customer or partner; kept as a key. */
    readonly scannedBy: string;
  },
): Promise<void> {
  const { code, reading } = of;
  if (reading.warnings.length === 0) return;
  const { db, time, random, bank } = context;
  const nowMs = time.now();
  const pans = code.accounts.map(({ pan }) => pan);
  const ownNns = nnsOfBank(bank.bankCode);
  const nmid = code.repository?.nmid;
  const [named] = await selectNamed(db, {
    nmid: nmid ?? '',
    pans: pans.filter((pan) => nnsOf(pan) === ownNns),
  });
  await insertWarning(db, {
    id: newId('qrw', nowMs, random),
    merchantId: named?.id,
    nmid: nmid?.slice(0, 32),
    acquirer: pans[0] === undefined ? undefined : nnsOf(pans[0]),
    warnings: reading.warnings,
    channel: of.channel,
    scannedBy: sha256(`scan:${of.scannedBy}`).toString('hex').slice(0, KEY_DIGITS),
    codeHash: sha256(encodeQris(code)),
    onDate: wibDate(nowMs),
    nowMs,
  });
}

/** The same for whoever answers a person: what cannot be kept is told to the log, and the answer goes out. */
export async function watchCode(
  {
    merchants,
    log,
  }: { readonly merchants: Pick<Merchants, 'examine' | 'noteWarnings'>; readonly log: Log },
  of: {
    readonly code: MerchantCode;
    /** Where it was compared before. */
    readonly reading?: CodeReading;
    readonly channel: 'mobile' | 'snap';
    readonly scannedBy: string;
  },
): Promise<void> {
  try {
    const reading = of.reading ?? (await merchants.examine(of.code));
    await merchants.noteWarnings({ ...of, reading });
  } catch (error) {
    if (!(error instanceof DbFault)) throw error;
    log.error({ channel: of.channel, fault: error.name }, 'merchant.warning_not_kept');
  }
}
