import assert from 'node:assert/strict';
import test from 'node:test';
import {
  coldFlow,
  DAY,
  foldAll,
  line,
  MINUTE,
  openDice,
  ordinary,
  payment,
  said,
  warmFlow,
} from '../flow/test-flow.ts';

const ELEVEN = Date.parse('2025-03-29T11:00:00+07:00');
/** Bank DKI 2025: 807 lines in 40 minutes, Rp227.1 bn, which core never made. */
const DKI = Array.from({ length: 807 }, (_, at) =>
  line(ELEVEN + Math.floor((at * 40 * MINUTE) / 807), 225_000_000 + (at % 3) * 56_400_000),
);

test('D5 stops BI-FAST within 3 % of the 807 settlements of Bank DKI, and throttles it within 1 %', () => {
  for (const flow of [warmFlow(), coldFlow()]) {
    const found = DKI.map((seen) => said(foldAll(flow, [seen])));
    const throttled = found.findIndex((words) => words.includes('D5 throttle bifast'));
    const stopped = found.findIndex((words) => words.includes('D5 stop bifast'));
    assert.ok(throttled >= 0 && throttled <= 8, `throttled at ${throttled}`);
    assert.ok(stopped > throttled && stopped <= 40, `stopped at ${stopped}`);
  }
});

test('D5 throttles and never stops for what core made: the bank’s own customers may pay a lot', () => {
  const flow = warmFlow();
  const seen = DKI.flatMap(({ atMs }, at) => [
    payment(atMs, { rupiah: 240_000_000, payer: `company-${at % 9}`, payee: `supplier-${at}` }),
    line(atMs + 1, 240_000_000),
  ]);
  const words = said(foldAll(flow, seen)).filter((one) => one.startsWith('D5'));
  assert.deepEqual(words, ['D5 throttle bifast']);
});

test('no flow detector says anything on the eve of a busy Eid, with ten times the traffic', () => {
  const flow = warmFlow();
  const fromMs = Date.parse('2025-03-30T00:00:00+07:00');
  let count = 0;
  const words = new Set<string>();
  for (const seen of ordinary({ fromMs, toMs: fromMs + DAY, perMinute: 40, dice: openDice(30) })) {
    count++;
    for (const word of said(foldAll(flow, [seen]))) words.add(word);
  }
  assert.ok(count > 40_000, `${count} payments and lines`);
  assert.deepEqual([...words], []);
});

/** Ordinary payments of two hours that all settle in the five minutes after the network is back, or that a silent feed tells of then. */
const waited = (settledAtMs: (at: number) => number) =>
  [
    ...Array.from({ length: 1_200 }, (_, at) =>
      payment(ELEVEN + at * 6_000, {
        rupiah: 20_000_000,
        payer: `payer-${at}`,
        payee: `payee-${at}`,
      }),
    ),
    ...Array.from({ length: 1_200 }, (_, at) => {
      const entry = line(ELEVEN + 121 * MINUTE + at * 250, 20_000_000);
      const { body } = entry;
      return body.kind === 'feed'
        ? { ...entry, body: { ...body, line: { ...body.line, settledAtMs: settledAtMs(at) } } }
        : entry;
    }),
  ] as const;

test('D5 T13 stops nothing when a network comes back and what waited settles, nor when a silent feed tells late', () => {
  const back = waited((at) => ELEVEN + 121 * MINUTE + at * 250);
  const late = waited((at) => ELEVEN + 1_000 + at * 6_000);
  for (const [seen, allowed] of [
    [back, []],
    [late, []],
  ] as const)
    assert.deepEqual(
      said(foldAll(warmFlow(), seen)).filter((one) => one.startsWith('D5')),
      allowed,
    );
});

test('D5 T13 says nothing of a few companies that pay at once, and throttles when it goes on', () => {
  const large = (count: number) =>
    Array.from({ length: count }, (_, at) =>
      payment(ELEVEN + at * 6_000, { rupiah: 240_000_000, payer: `c${at}`, payee: `s${at}` }),
    );
  const ofD5 = (count: number) =>
    said(foldAll(warmFlow(), large(count))).filter((one) => one.startsWith('D5'));
  assert.deepEqual(ofD5(9), []);
  assert.deepEqual(ofD5(60), ['D5 throttle bifast']);
});
