import assert from 'node:assert/strict';
import test from 'node:test';
import type { StatusFile } from '../../incident/status-model.ts';
import type { LatchFile } from '../../rail/latch-file.ts';
import { renderFeed, renderPage } from './page.ts';
import { readTruth } from './truth.ts';

const NOW = Date.parse('2025-03-29T05:00:00Z');
const file: StatusFile = {
  version: 1,
  generatedAtMs: NOW - 2_000,
  bank: 'Bank Pulih Daerah',
  overall: 'normal',
  freshForMs: 30_000,
  notices: [
    {
      id: 'ntc_1',
      atMs: NOW - 60_000,
      text: { id: 'Layanan <b>X</b> kami batasi', en: 'We limit X' },
    },
  ],
  services: [
    {
      key: 'bifast_out',
      name: { id: 'BI-FAST keluar', en: 'BI-FAST outgoing' },
      state: 'normal',
      word: { id: 'Normal', en: 'Normal' },
      title: { id: '', en: '' },
      reason: { id: '', en: '' },
      alternative: { id: '', en: '' },
      restrictionIds: [],
    },
  ],
};
const latch: LatchFile = {
  partition: 'gateway-1',
  atMs: NOW,
  isOpen: true,
  latches: [
    {
      latchId: 'latch_1',
      rail: 'bifast',
      direction: 'out',
      reason: 'x',
      staffId: 'stf_1',
      atMs: NOW - 5_000,
    },
  ],
};

test('readTruth() T15: a latch at the gateway shows at once, whatever the guard last said', () => {
  const truth = readTruth({ file, latches: [latch], nowMs: NOW });
  assert.equal(truth.overall, 'stopped');
  assert.equal(truth.services[0]!.sinceMs, NOW - 5_000);
  assert.match(renderPage(truth, 'id'), /Dihentikan sementara/);
});

test('readTruth() says unknown, never normal, when the data are old or missing', () => {
  for (const truth of [
    readTruth({ file: undefined, latches: [], nowMs: NOW }),
    readTruth({ file, latches: [], nowMs: NOW + 60_000 }),
  ]) {
    assert.equal(truth.overall, 'unknown');
    assert.equal(truth.isOld, true);
    assert.ok(truth.services.every(({ state }) => state === 'unknown'));
  }
  assert.equal(readTruth({ file, latches: [], nowMs: NOW }).overall, 'normal');
});

test('renderPage() escapes what it shows, states the age of its data, and never says maintenance', () => {
  const page = renderPage(readTruth({ file, latches: [latch], nowMs: NOW }), 'id');
  assert.ok(page.includes('Layanan &lt;b&gt;X&lt;/b&gt; kami batasi'));
  assert.match(page, /Data per 11:59 WIB/);
  assert.doesNotMatch(page, /pemeliharaan|maintenance/i);
  assert.doesNotMatch(page, /<script/);
});

test('renderFeed() has one entry per notice', () => {
  const feed = renderFeed(readTruth({ file, latches: [], nowMs: NOW }), {
    language: 'en',
    baseUrl: 'http://localhost',
  });
  assert.equal(feed.match(/<entry>/g)?.length, 1);
  assert.match(feed, /urn:pulih:notice:ntc_1/);
});
