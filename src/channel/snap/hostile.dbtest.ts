/** Hostile values over SNAP: each is refused with its own code and moves nothing; and a clock that jumps back lengthens no token. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { GUESSES_PER_MINUTE } from './guess.ts';
import { body, idr, INTERBANK, interbank, INTRABANK, refuses } from './test-transfer.ts';
import { ACCOUNT, withSnap } from './test-world.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** Sixteen digits and two, the longest amount of SNAP (domain.md 3.3). */
const LONGEST = '9999999999999999.99';
/** 2^63 − 1 sen, the largest amount that a row holds, and one more: both have a digit too many. */
const LARGEST = '92233720368547758.07';
const PAST_LARGEST = '92233720368547758.08';

const CASES: readonly {
  readonly name: string;
  readonly change: Readonly<Record<string, unknown>>;
  readonly code: string;
}[] = [
  { name: 'zero', change: { amount: idr('0.00') }, code: '40413' },
  { name: 'negative', change: { amount: idr('-1.00') }, code: '40001' },
  { name: 'negative zero', change: { amount: idr('-0.00') }, code: '40001' },
  { name: 'the longest there is', change: { amount: idr(LONGEST) }, code: '40302' },
  { name: '2^63-1 sen', change: { amount: idr(LARGEST) }, code: '40001' },
  { name: '2^63 sen', change: { amount: idr(PAST_LARGEST) }, code: '40001' },
  { name: 'an exponent', change: { amount: idr('1e9') }, code: '40001' },
  { name: 'a number', change: { amount: { value: 1, currency: 'IDR' } }, code: '40001' },
  {
    name: 'another currency',
    change: { amount: { value: '1.00', currency: 'USD' } },
    code: '40001',
  },
  {
    name: 'two currencies',
    change: { amount: { value: '1.00', currency: ['IDR', 'USD'] } },
    code: '40001',
  },
];

for (const { name, change, code } of CASES) {
  test(`hostile amount over SNAP: ${name} is refused as ${code} by both transfers and moves nothing`, () =>
    withSnap(async (world) => {
      for (const [path, service, asked] of [
        [INTRABANK, '17', body(change)],
        [INTERBANK, '18', interbank(change)],
      ] as const)
        await refuses(world, {
          code: `${code.slice(0, 3)}${service}${code.slice(3)}`,
          ask: (partner) => partner.call(path, asked),
        });
      assert.equal(world.rail.sent, 0);
    }));
}

test('hostile pair over SNAP: the same account twice is refused as 4041702 and moves nothing', () =>
  withSnap((world) =>
    refuses(world, {
      code: '4041702',
      ask: (partner) => partner.call(INTRABANK, body({ beneficiaryAccountNo: ACCOUNT.payer })),
    }),
  ));

test(
  'T6 ten thousand duplicates over SNAP at once make one payment and get one answer, or are told to come again',
  { timeout: 120_000 },
  () =>
    withSnap(async (world) => {
      await world.db.query(
        sql`update partner set requests_per_second_max = 1000000 where id = 'partner-a'`,
      );
      const asked = body();
      const replies = await Promise.all(
        Array.from({ length: 10_000 }, () => world.partner.call(INTRABANK, asked)),
      );
      const codes = new Set(replies.map(({ code }) => code));
      assert.ok(codes.has('2001700'));
      codes.delete('2001700');
      codes.delete('4291700');
      assert.deepEqual([...codes], []);
      const references = replies
        .filter(({ code }) => code === '2001700')
        .map(({ body: told }) => told['referenceNo']);
      assert.equal(new Set(references).size, 1);
      assert.equal(await world.countPayments(), 1);
    }),
);

test('a clock that jumps an hour back lengthens no token: it is refused, and a new one works', () =>
  withSnap(async (world) => {
    const { accessToken } = (await world.partner.token()).body;
    const token = String(accessToken);
    assert.equal((await world.partner.call(INTRABANK, body(), { token })).code, '2001700');
    world.clock.set(world.clock.now() - HOUR_MS);
    await refuses(world, {
      code: '4011701',
      ask: (partner) => partner.call(INTRABANK, body(), { token }),
    });
    const next = String((await world.partner.token()).body['accessToken']);
    assert.equal((await world.partner.call(INTRABANK, body(), { token: next })).code, '2001700');
  }));

test('a token of a process whose clock is a second ahead of ours is a live one', () =>
  withSnap(async (world) => {
    world.clock.set(world.clock.now() + SECOND_MS);
    const token = String((await world.partner.token()).body['accessToken']);
    world.clock.set(world.clock.now() - SECOND_MS);
    assert.equal((await world.partner.call(INTRABANK, body(), { token })).code, '2001700');
  }));

test('an address that names partners who do not exist is heard no more after so many a minute, and a partner new to the process gets in', () =>
  withSnap(async (world) => {
    const codes = new Set<string>();
    for (let i = 0; i < 2 * GUESSES_PER_MINUTE; i++) {
      const headers = { 'x-partner-id': `nobody-${i}` };
      const asked = { token: null, headers, address: '203.0.113.9' };
      codes.add((await world.partner.call(INTRABANK, body(), asked)).code);
    }
    assert.equal((await world.partner.token({ address: '198.51.100.7' })).code, '2007300');
    assert.deepEqual([...codes], ['4011703', '4291700']);
  }));
