import assert from 'node:assert/strict';
import test from 'node:test';
import { coldFlow, event, foldAll, MINUTE, saidBy } from '../flow/test-flow.ts';

const DKI = Date.parse('2025-03-29T11:00:00+07:00');
const MILLION = 100_000_000n;
/** A Thursday morning: no more caution than ordinary. */
const THURSDAY = Date.parse('2025-02-13T10:00:00+07:00');

const look = (
  atMs: number,
  of: { readonly gap: bigint; readonly opening?: bigint; readonly runway?: number },
) =>
  event(
    atMs,
    'settlement.looked',
    {
      rail: 'bifast',
      openingSen: String((of.opening ?? 250_000n) * MILLION),
      bookedSen: String(200_000n * MILLION),
      freeSen: String(200_000n * MILLION),
      gapSen: String(of.gap * MILLION),
      burnSenPerMinute: String(5_000n * MILLION),
      ...(of.runway !== undefined && { runwayMinutes: of.runway }),
    },
    'bifast',
  );
const said = (id: string, ...seen: ReturnType<typeof look>[]) =>
  saidBy(id, foldAll(coldFlow(), seen));

test('D4 stops at the first look of Bank DKI at which Rp2 bn are missing, on a Saturday at half of it', () => {
  // Rp5.2 bn a minute from 11:00.
  const looks = [0n, -5_200n, -10_400n].map((gap, at) => look(DKI + at * MINUTE, { gap }));
  const found = looks.map((_, at) => said('D4', ...looks.slice(0, at + 1)));
  assert.deepEqual(found[0], []);
  assert.deepEqual(found[1], ['D4 stop bifast']);
  assert.deepEqual(said('D4', look(DKI, { gap: -1_000n })), ['D4 stop bifast']);
  assert.deepEqual(said('D4', look(THURSDAY, { gap: -1_999n })), []);
  assert.deepEqual(said('D4', look(THURSDAY, { gap: -2_000n })), ['D4 stop bifast']);
});

test('D4 alarms of what is missing over two looks a minute apart, by the larger of Rp500 million and five in a thousand', () => {
  const twice = (gap: bigint, opening = 10_000n) => [
    look(THURSDAY, { gap, opening }),
    look(THURSDAY + MINUTE, { gap, opening }),
  ];
  assert.deepEqual(said('D4', twice(-500n)[0]!), [], 'once');
  assert.deepEqual(said('D4', ...twice(-500n)), ['D4 alert']);
  assert.deepEqual(said('D4', ...twice(-499n)), []);
  assert.deepEqual(said('D4', ...twice(-1_249n, 250_000n)), [], '0.5 % of Rp250 bn is Rp1.25 bn');
  assert.deepEqual(said('D4', ...twice(-1_250n, 250_000n)), ['D4 alert']);
  const [first, second] = twice(-500n);
  const between = look(THURSDAY + MINUTE / 2, { gap: 0n, opening: 10_000n });
  assert.deepEqual(said('D4', first!, between, second!), [], 'explained meanwhile');
});

test('D4 never stops for money that is too much: it alarms', () => {
  const looks = [look(THURSDAY, { gap: 9_000n }), look(THURSDAY + MINUTE, { gap: 9_000n })];
  assert.deepEqual(said('D4', ...looks), ['D4 alert']);
});

test('D7 tells treasury below an hour of runway and throttles below half an hour', () => {
  const runway = (minutes?: number) =>
    said('D7', look(THURSDAY, { gap: 0n, ...(minutes !== undefined && { runway: minutes }) }));
  assert.deepEqual([runway(), runway(60)], [[], []]);
  assert.deepEqual([runway(59), runway(30)], [['D7 alert'], ['D7 alert']]);
  assert.deepEqual([runway(29), runway(0)], [['D7 throttle bifast'], ['D7 throttle bifast']]);
});

test('D4 and D7 say nothing of a busy Eid: ten times the outflow, explained to the sen, of an account that treasury filled', () => {
  const eid = Array.from({ length: 24 * 60 }, (_, at) =>
    look(DKI + at * MINUTE, { gap: 0n, runway: 90 }),
  );
  const found = foldAll(coldFlow(), eid);
  assert.deepEqual([...saidBy('D4', found), ...saidBy('D7', found)], []);
});
