import assert from 'node:assert/strict';
import test from 'node:test';
import { coldFlow, DAY, event, foldAll, HOUR, intent, saidBy } from '../flow/test-flow.ts';

const FROM = Date.parse('2025-03-27T09:00:00+07:00');
const codes = (signals: ReturnType<typeof foldAll>) =>
  signals.filter(({ detector }) => detector === 'D19').map(({ code }) => code);

test('D19 tells of a certificate that core does not admit, and of a partner’s signature from another address', () => {
  const seen = [
    event(FROM, 'network.peer_refused', { peer: 'host-7' }, 'fp_1'),
    event(FROM + 1, 'partner.origin_refused', { isSigned: false }, 'par_1'),
    event(FROM + 2, 'partner.origin_refused', { isSigned: true }, 'par_1'),
  ];
  const found = seen.map((one) => codes(foldAll(coldFlow(), [one])));
  assert.deepEqual(found, [['source_refused'], [], ['partner_origin']]);
});

test('T13 D19 restricts nobody, however often a stranger knocks', () => {
  const knocks = Array.from({ length: 500 }, (_, at) =>
    event(FROM + at * 60_000, 'network.peer_refused', {}, `fp_${at}`),
  );
  assert.deepEqual(saidBy('D19', foldAll(coldFlow(), knocks)), ['D19 alert']);
});

test('D19 tells of a process that instructs a gateway for the first time: the internal address of Bank DKI', () => {
  const send = (atMs: number, peer: string) => intent(atMs, { rupiah: 50_000, peer });
  const flow = coldFlow();
  const first = [send(FROM, 'core-1'), send(FROM + HOUR, 'core-2'), send(FROM + 2 * DAY, 'core-2')];
  assert.deepEqual(codes(foldAll(flow, first)), []);
  const strange = [send(FROM + 2 * DAY + 1, 'core-77'), send(FROM + 2 * DAY + 2, 'core-77')];
  assert.deepEqual(codes(foldAll(flow, strange)), ['source_new']);
});

test('D19 says nothing of a busy Eid: the same processes send ten times as much', () => {
  const eid = Array.from({ length: 4_000 }, (_, at) =>
    intent(FROM + at * 90_000, { rupiah: 100_000, peer: `core-${(at % 3) + 1}` }),
  );
  assert.deepEqual(codes(foldAll(coldFlow(), eid)), []);
});

test('D19 tells of strangers at the signer or the HSM, and of none after a new start', () => {
  const round = (atMs: number, refused: number) =>
    event(
      atMs,
      'process.heard',
      { heard: ['hsm'], said: { hsm: { peer_refused: refused } } },
      'guard',
    );
  const saidOf = (...counts: readonly number[]) =>
    foldAll(
      coldFlow(),
      counts.map((count, at) => round(at * 60_000 * 20 + 1, count)),
    ).map(({ code, evidence }) => `${code} ${evidence.join(' ')}`);
  assert.deepEqual(saidOf(0, 0), []);
  assert.deepEqual(saidOf(0, 2, 2), ['source_refused hsm knocks=2']);
  assert.deepEqual(saidOf(3, 0), ['source_refused hsm knocks=3']);
});
