import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { BifastInstruction } from '../authorisation/form-bifast.ts';
import { instructionText } from '../authorisation/instruction.ts';
import { verifyToken } from '../authorisation/token.ts';
import { openDb, type Db } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import { sha256 } from '../kernel/canonical.ts';
import { silentLog } from '../kernel/log.ts';
import { seededRandom } from '../kernel/random.ts';
import { wallTime } from '../kernel/time.ts';
import { memoryNetwork } from '../kernel/wire-memory.ts';
import { parseJson, type Net } from '../kernel/wire.ts';
import { startSigner, type SignAnswer } from './start.ts';

const AT = new Date('2026-08-01T03:00:00Z');
const keys = generateKeyPairSync('ed25519');

function instruction(over: Partial<BifastInstruction>): BifastInstruction {
  return {
    version: 1,
    env: 'prod',
    rail: 'bifast',
    direction: 'out',
    kind: 'credit_transfer',
    paymentId: 'pay_1',
    attempt: 1,
    bizMsgIdr: '20260801PULHIDJA010O0200000001',
    msgId: '20260801PULHIDJA01000000001',
    amountSen: '12500000',
    currency: 'IDR',
    debtor: { bank: 'PULHIDJA', account: '1001', accountType: 'SVGS', name: 'A' },
    creditor: { bank: 'BNINIDJA', account: '2002', accountType: 'SVGS', name: 'B' },
    channelCode: '02',
    channel: 'mobile',
    categoryPurpose: '01099',
    remittance: '',
    businessDate: '2026-08-01',
    cohortBucket: 5,
    isStaff: false,
    ...over,
  };
}

/** Rows as the ledger commits them; `spoil` makes one that differs. */
async function seed(
  db: Db,
  rows: readonly {
    n: number;
    state?: string;
    holdSen?: bigint;
    holdPayment?: string;
    text?: (text: string) => string;
    env?: 'prod' | 'drill';
    line?: string;
    expiresAt?: Date;
  }[],
): Promise<void> {
  await db.query(
    sql`insert into account (number, book, name, may_go_negative, opened_at) values ('t1', 'customer', 'A', true, ${AT}), ('t2', 'settlement', 'S', true, ${AT}) on conflict do nothing`,
  );
  const [debit, credit] = await db.query<{ id: bigint }>(
    sql`select id from account where number in ('t1', 't2') order by number`,
  );
  for (const {
    n,
    state = 'held',
    holdSen = 12_500_000n,
    holdPayment = `pay_${n}`,
    text = (same: string) => same,
    env = 'prod',
    line = 'principal',
    expiresAt = null,
  } of rows) {
    const whole = instructionText(instruction({ paymentId: `pay_${n}`, env }));
    const ended = state === 'held' ? null : AT;
    await db.query(sql`insert into hold (id, debit_account, credit_account, amount_sen, state, payment_id, line, made_at, ended_at, expires_at)
      values (${n}, ${debit!.id}, ${credit!.id}, ${holdSen}, ${state}, ${holdPayment}, ${line}, ${AT}, ${ended}, ${expiresAt})`);
    await db.query(sql`insert into authorisation (jti, payment_id, attempt, hold_id, rail, audience, env, instruction, instruction_hash, amount_sen, made_at)
      values (${`jti_${n}`}, ${`pay_${n}`}, 1, ${n}, 'bifast', 'gateway-1', ${env}, ${text(whole)}, ${sha256(whole)}, 12500000, ${AT})`);
  }
}

async function withSigner(
  work: (parts: {
    db: Db;
    signerDb: Db;
    ask: (peer: string, jtis: readonly string[]) => Promise<{ status: number; answer: SignAnswer }>;
  }) => Promise<void>,
): Promise<void> {
  await withTestDb(async (db, url) => {
    const asSigner = new URL(url);
    asSigner.searchParams.set('options', '-c role=pulih_signer');
    const time = wallTime();
    const signerDb = openDb({ url: asSigner.href, size: 2, time, name: 'signer-test' });
    const network = memoryNetwork(time, 0);
    const net = {
      listen: async (input: Parameters<Net['listen']>[0]) =>
        network.listen(input.name, input.handler),
      connect: (target: string) => network.connect('signer', target),
    };
    const signer = await startSigner({
      db: signerDb,
      time,
      net,
      log: silentLog,
      key: keys.privateKey,
      kid: 'k1',
      env: 'prod',
      random: seededRandom(1),
    });
    const ask = async (peer: string, jtis: readonly string[]) => {
      const response = await network
        .connect(peer, 'signer')
        .call({ path: '/sign', body: JSON.stringify({ jtis }), timeoutMs: 5_000 });
      return { status: response.status, answer: parseJson(response.body) as SignAnswer };
    };
    try {
      await work({ db, signerDb, ask });
    } finally {
      await signer.stop();
      await signerDb.close();
    }
  });
}

test('startSigner() signs committed rows with their hold and nothing else', async () => {
  await withSigner(async ({ db, ask }) => {
    await seed(db, [
      { n: 1 },
      { n: 2, state: 'voided' },
      { n: 3, state: 'posted' },
      { n: 4, holdSen: 1n },
      { n: 5, holdPayment: 'pay_other' },
      { n: 6, text: (text) => text.replace('"2002"', '"6666"') },
      { n: 7, env: 'drill' },
      { n: 8, line: 'fee' },
      { n: 9, text: (text) => text.replace('{', '{ ') },
      // I4: no clock may end what an instruction was authorised by.
      { n: 11, expiresAt: new Date(AT.getTime() + 86_400_000) },
    ]);
    const { status, answer } = await ask('core-1', [
      'jti_1',
      'jti_2',
      'jti_3',
      'jti_4',
      'jti_5',
      'jti_6',
      'jti_7',
      'jti_8',
      'jti_9',
      'jti_10',
      'jti_11',
    ]);
    assert.equal(status, 200);
    assert.deepEqual(Object.keys(answer.tokens), ['jti_1']);
    assert.deepEqual(answer.refused, {
      jti_2: 'hold_not_held',
      jti_3: 'hold_not_held',
      jti_4: 'hold_differs',
      jti_5: 'hold_differs',
      jti_6: 'instruction_differs',
      jti_7: 'wrong_env',
      jti_8: 'hold_differs',
      jti_9: 'instruction_differs',
      jti_10: 'not_found',
      jti_11: 'hold_differs',
    });
    const ring = {
      keys: { k1: { key: keys.publicKey, notBeforeMs: 0, notAfterMs: Date.now() + 1_000_000 } },
      revokedKids: [],
      revokedJtis: [],
    };
    const verdict = verifyToken({ token: answer.tokens['jti_1'], ring, nowMs: Date.now() });
    assert.ok(verdict.ok);
    assert.equal(verdict.claims.aud, 'gateway-1');
    assert.equal(
      verdict.claims.instructionHash,
      sha256(instructionText(instruction({}))).toString('hex'),
    );
    assert.ok(verdict.claims.expMs - verdict.claims.iatMs <= 120_000);
  });
});

test('startSigner() signs several at once under one signature, each a token of its own', async () => {
  await withSigner(async ({ db, ask }) => {
    await seed(db, [{ n: 1 }, { n: 2 }, { n: 3, state: 'voided' }, { n: 4 }]);
    const { answer } = await ask('core-1', ['jti_1', 'jti_2', 'jti_3', 'jti_4']);
    assert.deepEqual(answer.refused, { jti_3: 'hold_not_held' });
    const ring = {
      keys: { k1: { key: keys.publicKey, notBeforeMs: 0, notAfterMs: Date.now() + 1_000_000 } },
      revokedKids: [],
      revokedJtis: [],
    };
    const heads = new Set<string>();
    for (const jti of ['jti_1', 'jti_2', 'jti_4']) {
      const token = answer.tokens[jti]!;
      const verdict = verifyToken({ token, ring, nowMs: Date.now() });
      assert.ok(verdict.ok && verdict.claims.jti === jti);
      heads.add(token.split('.').slice(0, 3).join('.'));
    }
    assert.equal(heads.size, 1);
  });
});

test('startSigner() does not see what is not committed', async () => {
  await withSigner(async ({ db, ask }) => {
    await db.tx(async (tx) => {
      await seed(tx as Db, [{ n: 1 }]);
      assert.deepEqual((await ask('core-1', ['jti_1'])).answer.refused, { jti_1: 'not_found' });
    });
    assert.deepEqual(Object.keys((await ask('core-1', ['jti_1'])).answer.tokens), ['jti_1']);
  });
});

test('startSigner() answers core only, in bounded batches of well-formed ids', async () => {
  await withSigner(async ({ db, ask }) => {
    await seed(db, [{ n: 1 }]);
    assert.equal((await ask('attacker', ['jti_1'])).status, 403);
    assert.equal((await ask('guard', ['jti_1'])).status, 403);
    assert.equal((await ask('core-1', [])).status, 400);
    assert.equal((await ask('core-1', ['__proto__'])).status, 400);
    assert.equal(
      (
        await ask(
          'core-1',
          Array.from({ length: 257 }, (_, n) => `jti_${n}`),
        )
      ).status,
      400,
    );
  });
});

test('the signer role reads authorisations and holds and writes nothing', async () => {
  await withSigner(async ({ signerDb }) => {
    await signerDb.query(sql`select 1 from authorisation`);
    await assert.rejects(signerDb.query(sql`update hold set state = 'held'`), { code: '42501' });
    await assert.rejects(signerDb.query(sql`insert into authorisation (jti) values ('x')`), {
      code: '42501',
    });
    await assert.rejects(signerDb.query(sql`select 1 from account`), { code: '42501' });
    await assert.rejects(signerDb.query(sql`select 1 from customer`), { code: '42501' });
  });
});
