import assert from 'node:assert/strict';
import test from 'node:test';
import { SCENARIOS } from '../../../sim/drills/catalogue.ts';
import { renderPage } from './page.ts';
import { CARD } from './test-card.ts';

const scenario = SCENARIOS['dki-2025-bypass']!;

test('renderPage() compares the day, one switch for all and Pulih in one page without a script', () => {
  const card = { ...CARD, healthyOffered: 1_800, healthyAccepted: 1_500, killSwitchRefused: 1_620 };
  const page = renderPage({ card, scenario, css: '' });
  for (const words of ['Rp227.100.000.000', '1.620 refused', '300 refused', 'of 1.800 healthy'])
    assert.ok(page.includes(words), words);
  assert.equal((page.match(/<svg/g) ?? []).length, 3);
  assert.doesNotMatch(page, /<script|\son\w+=|https?:/);
  assert.doesNotMatch(page, /NaN|undefined|Infinity/);
});

test('renderPage() of a day without an attack shows what the page said of each service, and calls nothing a loss', () => {
  const told = { service: 'switch_out', hasAlternative: true, instead: ['bifast_out'] };
  const card = {
    ...CARD,
    services: [
      { ...told, state: 'limited', atMs: 2_000 },
      { ...told, state: 'recovering', atMs: 60_000 },
      { ...told, state: 'normal', instead: [], atMs: 90_000 },
    ],
  };
  const page = renderPage({ card, scenario: SCENARIOS['switch-loss']!, css: '' });
  assert.match(page, /<b>switch_out<\/b> not as usual after 2\.0 s; named instead: bifast_out/);
  assert.deepEqual(
    [...page.matchAll(/<rect class="(\w+)"/g)].map(([, state]) => state),
    ['limited', 'recovering'],
  );
  assert.doesNotMatch(page, /money leaves|not contained|attacker got/);
});

test('renderPage() escapes what a file or the database brought', () => {
  const evil = '"><script>alert(1)</script>';
  const page = renderPage({
    card: {
      ...CARD,
      seed: evil,
      restrictions: [{ scope: evil, level: 2, action: 'hold', atMs: 1 }],
    },
    scenario: {
      ...scenario,
      title: evil,
      history: { lostSen: 1n, stoppedAfterMs: 1, words: evil },
    },
    css: '',
  });
  assert.doesNotMatch(page, /<script/);
});

test('renderPage() of a drill that was lost names what was missed, and draws no bar beyond its end', () => {
  const page = renderPage({ card: { ...CARD, containMs: null }, scenario, css: '' });
  assert.match(page, /■ Missed: contained after never/);
  for (const [, x, width] of page.matchAll(/x="([\d.]+)" y="0" width="([\d.]+)"/g))
    assert.ok(Number(x) + Number(width) <= 100.4, `${x} + ${width}`);
});
