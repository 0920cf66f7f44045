/** The small bank of a drill: chart, customers, one partner, two people who can release, dwell times of its own. */
import { generateKeyPairSync } from 'node:crypto';
import type { SnapPartner } from '../../../sim/customer/snap-client.ts';
import { createCustomers } from '../../channel/session/enrol.ts';
import { createPartner } from '../../channel/snap/partner/partner.ts';
import { openSealer } from '../../channel/snap/partner/seal.ts';
import { ensurePartitions } from '../../db/partition.ts';
import type { Db } from '../../db/pool.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import { rupiah } from '../../kernel/money.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wibDate, type Time } from '../../kernel/time.ts';
import { ensureChart, openAccounts } from '../../ledger/account.ts';
import { RECOVERY_DEFAULTS } from '../../recovery/plan.ts';
import { BANKS, SYNTHETIC, type DemoCustomer } from '../demo-people.ts';
import { insertParticipants } from '../store.ts';
import type { DrillStaff } from './staff.ts';
import { insertRecoveryNumbers } from './store.ts';

/** The database of a drill is thrown away with its partner. */
export const DRILL_SEALER = openSealer({ key: Buffer.alloc(32, 1), random: systemRandom() });

/** Chart, customers, partner, participants and two people who can release. */
export async function seedWorld(input: {
  readonly db: Db;
  readonly time: Time;
  readonly customers: readonly DemoCustomer[];
  readonly staff: readonly DrillStaff[];
  readonly startMs: number;
  readonly stageMs: number;
  readonly paymentCountMin?: number;
}): Promise<SnapPartner> {
  const { db, time, customers, startMs } = input;
  await ensurePartitions(db, wibDate(startMs));
  await db.tx(async (tx) => {
    await ensureChart(tx, { nowMs: startMs });
    await openAccounts(tx, {
      nowMs: startMs,
      accounts: [
        {
          number: SYNTHETIC.account,
          name: SYNTHETIC.name,
          customerId: SYNTHETIC.customerId,
          accountType: 'CACC',
          openingSen: rupiah(SYNTHETIC.openingRupiah),
        },
        ...customers.map(({ id, name, account, openingRupiah }) => ({
          number: account,
          name,
          customerId: id,
          openingSen: rupiah(openingRupiah + 500_000_000),
        })),
      ],
    });
  });
  const own = { id: SYNTHETIC.customerId, name: SYNTHETIC.name, isStaff: true };
  await createCustomers({ db, time }, [
    own,
    ...customers.map(({ id, name, isStaff }) => ({ id, name, isStaff })),
  ]);
  await insertParticipants(db, { banks: BANKS, now: new Date(startMs) });
  for (const person of input.staff) await person.insert(db, startMs);
  const stages = RECOVERY_DEFAULTS.stages.map((stage) => ({ ...stage, dwellMsMin: input.stageMs }));
  const { paymentCountMin = RECOVERY_DEFAULTS.paymentCountMin } = input;
  const value = canonicalJson({ stages, paymentCountMin });
  await insertRecoveryNumbers(db, { value, nowMs: startMs - 1 });
  const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  await createPartner(
    // Of chance of its own: a drill's seed gives the same day whatever a partner's key looks like.
    { db, time, random: systemRandom(), sealer: DRILL_SEALER },
    {
      id: 'drill-partner',
      name: 'Mitra latihan',
      publicKeyPem: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      secret: 'drill-secret',
      hmacEncoding: 'base64',
      amountMaxSen: rupiah(500_000_000),
      sourceAccounts: ['199*'],
    },
  );
  return {
    clientId: 'drill-partner',
    partnerId: 'drill-partner',
    channelId: '95221',
    privateKey: pair.privateKey,
    clientSecret: 'drill-secret',
    signatureEncoding: 'base64',
  };
}
