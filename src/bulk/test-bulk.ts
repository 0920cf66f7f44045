/** Lists of transfers over the small bank of the engine's tests. */
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { withSnapshot } from '../db/snapshot.ts';
import { sql } from '../db/sql.ts';
import { silentLog } from '../kernel/log.ts';
import { seededRandom } from '../kernel/random.ts';
import { rupiah } from '../kernel/money.ts';
import type { PaymentEngine } from '../payment/port.ts';
import { BANK, withBank, type TestBank } from '../payment/test-bank.ts';
import type { Agreement, Bulk, Bulks, BulkRow } from './port.ts';
import { openBulks } from './start.ts';
import { verifyBulks } from './verify.ts';

/** The head of a file. */
export const HEAD = 'bank,account,name,amount,remark';
/** What the company may send by lists on a day. */
export const DAY_MAX = rupiah(500_000);
/** A payee's number at another bank. */
export const payeeOf = (index: number): string => String(9_008_000_000 + index);
/** A row to another bank, whose rail knows everybody by one name. */
export const rowOf = (index: number, amount = '10000'): string =>
  `009,${payeeOf(index)},Penerima Sintetis,${amount},gaji`;

export interface BulkWorld {
  readonly bank: TestBank;
  readonly bulks: Bulks;
  /** The lists of one more process. */
  another(engine?: Pick<PaymentEngine, 'submit' | 'quote' | 'checkName'>): Bulks;
  /** Uploads a list of `C1` from `1001`. */
  upload(lines: readonly string[], key?: string): Promise<Bulk>;
  /** Uploads, checks and confirms one. */
  running(lines: readonly string[], key?: string): Promise<Bulk>;
  find(bulk: Bulk): Promise<Bulk>;
  /** Works for so many seconds. */
  workFor(seconds: number): Promise<void>;
  /** `state reason` of each row, in order. */
  rows(bulk: Bulk): Promise<readonly string[]>;
  allRows(bulk: Bulk): Promise<readonly BulkRow[]>;
  /** Money, payments and rows agree, and the wire saw nothing twice. */
  check(): Promise<void>;
}

/** What the owner agrees to in tests. */
export const AGREEMENT: Agreement = {
  key: 'agree-key',
  text: 'Saya setuju',
  language: 'id',
  sessionHash: Buffer.alloc(32),
  device: 'uji',
};

/** Runs `work` in virtual time. */
export async function withBulks(
  work: (world: BulkWorld) => Promise<void>,
  options: { readonly mayFail?: boolean; readonly rowMax?: number } = {},
): Promise<void> {
  await withBank(
    async (bank) => {
      await insertAgreement(bank, options.rowMax ?? 500);
      const another: BulkWorld['another'] = (engine = bank.engine) =>
        openBulks({
          db: bank.db,
          engine,
          time: bank.time,
          random: seededRandom('bulk'),
          bank: BANK,
          log: options.mayFail ? silentLog : failingLog,
        });
      await work(worldOf(bank, { bulks: another(), another }));
    },
    { mayFail: options.mayFail ?? false },
  );
}

/** A worker that fails where no test broke it is a bug. */
const failingLog = {
  ...silentLog,
  error(fields: Readonly<Record<string, unknown>>, event: string): void {
    throw new Error(`${event} ${JSON.stringify(fields)}`);
  },
};

async function insertAgreement({ db, time }: TestBank, rowMax: number): Promise<void> {
  const at = new Date(time.now());
  await db.query(sql`
    insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
    select 'stf_' || n, 'S', 's' || n, 'operator', '', '', '', ${at} from generate_series(1, 2) n`);
  await db.query(sql`
    insert into bulk_agreement (id, customer_id, row_max, day_max_sen, proposed_by, approved_by, made_at)
    values ('bag_1', 'C1', ${rowMax}, ${DAY_MAX}, 'stf_1', 'stf_2', ${at})`);
}

function worldOf(
  bank: TestBank,
  { bulks, another }: Pick<BulkWorld, 'bulks' | 'another'>,
): BulkWorld {
  const own = ({ id, customerId }: Bulk) => ({ id, customerId });
  const find: BulkWorld['find'] = async (bulk) => (await bulks.find(own(bulk)))!;
  const upload: BulkWorld['upload'] = async (lines, key = 'upload-key') => {
    const result = await bulks.upload({
      customerId: 'C1',
      key,
      name: 'Gaji Agustus',
      debitAccount: '1001',
      file: [HEAD, ...lines].join('\r\n'),
    });
    assert.ok(result.ok, inspect(result));
    return result.bulk;
  };
  const workFor: BulkWorld['workFor'] = async (seconds) => {
    for (let second = 0; second < seconds; second++) {
      await bulks.work();
      await bank.time.sleep(1_000);
    }
  };
  const allRows: BulkWorld['allRows'] = async (bulk) => {
    const found: BulkRow[] = [];
    for (let after = 0; ; after = found.at(-1)!.position) {
      const page = await bulks.rows(bulk.id, { after, only: 'all' });
      found.push(...page);
      if (page.length < 100) return found;
    }
  };
  return {
    bank,
    bulks,
    another,
    find,
    upload,
    workFor,
    allRows,
    async running(lines, key) {
      const bulk = await upload(lines, key);
      await workFor(Math.ceil(lines.length / 100) + 1);
      const result = await bulks.confirm(own(bulk), AGREEMENT);
      assert.ok(result.ok, inspect(result));
      return result.bulk;
    },
    rows: async (bulk) =>
      (await allRows(bulk)).map(({ state, reason }) => [state, reason].filter(Boolean).join(' ')),
    async check() {
      await bank.checkMoney();
      assert.deepEqual(await withSnapshot(bank.db, (tx) => verifyBulks(tx)), []);
      assert.ok([...bank.rail.sends.values()].every((count) => count === 1));
    },
  };
}
