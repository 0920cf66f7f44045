/** What a change of an arrangement does to what stands, and who must sign it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decideArrangement,
  isArrangement,
  shownArrangement,
  type Arrangement,
  type ArrangementChange,
  type EndedArrangement,
  type Standing,
} from './arrangement.ts';
import { doesLoosen } from './change.ts';

const NOW_MS = Date.parse('2026-08-01T05:00:00Z');
const ENDPOINT = {
  what: 'endpoint',
  baseUrl: 'https://mitra.example/snap',
  clientId: 'PULHIDJA',
  channelId: '00199',
} as const;
const ALL: readonly Arrangement[] = [
  { what: 'account', account: '1990000001' },
  { what: 'redirect', url: 'https://mitra.example/kembali' },
  ENDPOINT,
  { what: 'vaService', serviceId: '88001', account: '1990000001' },
  { what: 'vaChannel', account: '1990000001' },
  { what: 'debit', account: '1990000001' },
  { what: 'merchant', merchantId: 'mer_1' },
];

test('I5 whatever is arranged gives more and needs two people; ending it needs one', () => {
  const now = { row: undefined, limits: [] };
  for (const arrangement of ALL) {
    const { what } = arrangement;
    assert.equal(doesLoosen({ kind: 'arrange', arrangement }, now), true, what);
    assert.equal(doesLoosen({ kind: 'end', ended: arrangement }, now), false, what);
  }
});

const arrange: ArrangementChange = { kind: 'arrange', arrangement: ALL[3]! };
const end: ArrangementChange = { kind: 'end', ended: ALL[3] as EndedArrangement };

test('decideArrangement() writes nothing twice, replaces nothing, and touches nothing of another partner', () => {
  const live: Standing = { isLive: true, isOwn: true, isSame: true };
  const rows: readonly (readonly [Standing | undefined, string, string])[] = [
    [undefined, 'write', 'not_arranged'],
    [live, 'nothing', 'write'],
    [{ ...live, isSame: false }, 'arranged_otherwise', 'write'],
    [{ ...live, isLive: false }, 'write', 'nothing'],
    [{ ...live, isLive: false, isSame: false }, 'write', 'nothing'],
    [{ ...live, isOwn: false }, 'taken', 'not_arranged'],
    [{ ...live, isOwn: false, isLive: false }, 'taken', 'not_arranged'],
  ];
  for (const [standing, arranged, ended] of rows)
    assert.deepEqual(
      [decideArrangement(arrange, standing), decideArrangement(end, standing)],
      [arranged, ended],
      JSON.stringify(standing),
    );
});

test('isArrangement() takes addresses that core would call and values that fit their headers, and nothing else', () => {
  for (const one of ALL) assert.ok(isArrangement(one, NOW_MS), one.what);
  const secret = 'rahasia-mitra-yang-panjang';
  assert.ok(isArrangement({ ...ENDPOINT, secret }, NOW_MS));
  assert.ok(isArrangement({ ...ENDPOINT, baseUrl: 'http://127.0.0.1:9000' }, NOW_MS));
  const account = '1990000001';
  const wrong: readonly Arrangement[] = [
    ...[
      'http://mitra.example',
      'http://127.0.0.1.example',
      'https://user:pass@mitra.example',
      'https://mitra.example/?a=b',
      'https://mitra.example/#a',
      'file:///etc/passwd',
      'mitra.example',
      `https://mitra.example/${'a'.repeat(300)}`,
    ].map((baseUrl) => ({ ...ENDPOINT, baseUrl })),
    { ...ENDPOINT, clientId: 'a\r\nX-Evil: 1' },
    { ...ENDPOINT, clientId: '' },
    { ...ENDPOINT, channelId: '123456' },
    { ...ENDPOINT, secret: 'short' },
    { ...ENDPOINT, secret: `${secret}\n${secret}` },
    { what: 'redirect', url: 'http://mitra.example/' },
    { what: 'redirect', url: 'https://mitra.example' },
    { what: 'redirect', url: `https://mitra.example/${'a'.repeat(500)}` },
    { what: 'vaService', serviceId: '   88001', account },
    { what: 'vaService', serviceId: '123456789', account },
    { what: 'account', account, validUntilMs: NOW_MS },
    { what: 'merchant', merchantId: '' },
  ];
  for (const one of wrong) assert.equal(isArrangement(one, NOW_MS), false, JSON.stringify(one));
});

test('shownArrangement() keeps the kind of signature and never the secret', () => {
  const shown = JSON.stringify(shownArrangement({ ...ENDPOINT, secret: 'rahasia-mitra' }));
  assert.doesNotMatch(shown, /rahasia/);
  assert.match(shown, /"signature":"symmetric"/);
  assert.match(JSON.stringify(shownArrangement(ENDPOINT)), /"signature":"asymmetric"/);
});
