import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SCENARIOS } from './catalogue.ts';
import { attackStartMs, attackSteps, plannedSen, playedAt } from './scenario.ts';
import { readScenario } from './scenario-file.ts';

const JAMBI = readFileSync(join(import.meta.dirname, 'files/jambi-2026.json'), 'utf8');
const BANKS = ['BNINIDJA', 'CENAIDJA'];

type Json = Record<string, unknown>;

/** What is said of the scenario after a change. */
function faultOf(change: (file: Json & { attack: Json; people: Json | null }) => void): string {
  const file = JSON.parse(JAMBI) as Json & { attack: Json; people: Json | null };
  change(file);
  const read = readScenario(JSON.stringify(file));
  return read.ok ? 'none' : read.fault;
}

test('readScenario() reads what a bank writes, and names the field that is wrong', () => {
  assert.equal(
    faultOf(() => {}),
    'none',
  );
  const cases: readonly (readonly [Parameters<typeof faultOf>[0], string])[] = [
    [(file) => (file.attack['count'] = 1.5), 'scenario.attack.count: not a whole number'],
    [(file) => (file.attack['count'] = 1e9), 'scenario.attack.count: not in 1..100000'],
    [(file) => (file.attack['muleBnak'] = 'X'), 'scenario.attack.muleBnak: unknown key'],
    [(file) => delete file['goal'], 'scenario.goal: missing'],
    [
      (file) => (file['start'] = '2026-02-22'),
      'scenario.start: not a time like 2026-02-22T02:37:00+07:00',
    ],
    [
      (file) => (file.attack['totalRupiah'] = '1'),
      'scenario.attack: needs one of totalRupiah and amountRupiah',
    ],
    [
      (file) => (file.attack['victimCount'] = 5_000),
      'scenario.attack.victimCount: not in 1..customers.default',
    ],
    [
      (file) => (file.people = { proposeAfterMinutes: 5, approveAfterMinutes: 4, stageMinutes: 1 }),
      'scenario.people.approveAfterMinutes: before it is proposed',
    ],
    [
      (file) => Object.assign(file.attack, { path: 'gateway' }),
      'scenario.attack.kinds: missing: through the gateway each try has a kind',
    ],
  ];
  for (const [change, fault] of cases) assert.equal(faultOf(change), fault);
});

test('readScenario() never throws, whatever the text', () => {
  for (const text of ['', '{', 'null', '[]', '1', '{"__proto__":{}}', `"${'x'.repeat(200_000)}"`])
    assert.equal(readScenario(text).ok, false, text.slice(0, 20));
});

test('attackSteps() of jambi-2026: 6,609 payments over 10.4 hours from 02:37 to 45 accounts, none above Rp25 m', () => {
  const scenario = SCENARIOS['jambi-2026']!;
  const steps = attackSteps(scenario, { seed: 1, banks: BANKS });
  assert.equal(new Date(attackStartMs(scenario)).toISOString(), '2026-02-21T19:37:00.000Z');
  assert.equal(steps.length, 6_609);
  assert.equal(new Set(steps.map(({ account }) => account)).size, 45);
  assert.ok(steps.every(({ amountSen }) => amountSen >= 19_000_000_00n));
  assert.ok(steps.every(({ amountSen }) => amountSen <= 25_000_000_00n));
  assert.ok(steps.at(-1)!.atMs - steps[0]!.atMs > 10.3 * 3_600_000);
  assert.ok(steps.every(({ victim }) => victim !== undefined && victim < 1_500));
  assert.equal(
    plannedSen(steps),
    steps.reduce((sum, { amountSen }) => sum + amountSen, 0n),
  );
});

test('playedAt() cuts a long attack at the default volume only', () => {
  const scenario = SCENARIOS['jambi-2026']!;
  assert.equal(playedAt(scenario, 'default').attackMs, 30 * 60_000);
  assert.equal(playedAt(scenario, 'full').attackMs, 624 * 60_000);
  const short = SCENARIOS['dki-2025']!;
  assert.equal(playedAt(short, 'default').attackMs, short.attackMs);
});

test('readScenario() reads a clean month and faults of the network, and names what does not fit together', () => {
  const folder = join(import.meta.dirname, 'files');
  const told = (name: string, change: (file: Json & { month: Json; faults: Json[] }) => void) => {
    const file = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Json & {
      month: Json;
      faults: Json[];
    };
    change(file);
    const read = readScenario(JSON.stringify(file));
    return read.ok ? 'none' : read.fault;
  };
  type Change = Parameters<typeof told>[1];
  const cases: readonly (readonly [string, Change, string])[] = [
    ['lebaran-clean', () => {}, 'none'],
    ['bifast-outage', () => {}, 'none'],
    [
      'lebaran-clean',
      (file) => (file.month['hours'] = [1]),
      'scenario.month.hours: not 24 numbers, one of them above 0',
    ],
    [
      'lebaran-clean',
      (file) => (file['start'] = '2025-03-08T01:00:00+07:00'),
      'scenario.start: not midnight, as a month needs',
    ],
    [
      'lebaran-clean',
      (file) => (file['minutes'] = { warmUp: 1, attack: 1, after: 1 }),
      'scenario.month: stands alone: no minutes, normalPerMinute, attack, faults or acts beside it',
    ],
    [
      'lebaran-clean',
      (file) => (file.month['perMinute'] = { onus: 10_000, bifast_out: 10_000, bifast_in: 10_000 }),
      'scenario.month.perMinute: more than 1000000 payments a day',
    ],
    ['bifast-outage', (file) => delete file['minutes'], 'scenario.minutes: missing'],
    [
      'bifast-outage',
      (file) => (file.faults[0]!['kind'] = 'lightning'),
      'scenario.faults[0].kind: not one of down reject silence answer_lost late_settlement no_notice slow file_damaged file_missing',
    ],
    [
      'bifast-outage',
      (file) => (file.faults[0]!['percent'] = 0),
      'scenario.faults[0].percent: not in 1..100',
    ],
    ['switch-loss', () => {}, 'none'],
    [
      'switch-loss',
      (file) => (file.faults[0]!['kind'] = 'no_notice'),
      'scenario.faults[0].kind: not one of down reject silence slow file_damaged file_missing',
    ],
    [
      'bifast-outage',
      (file) => (file.faults[0]!['kind'] = 'file_missing'),
      'scenario.faults[0].kind: not one of down reject silence answer_lost late_settlement no_notice slow',
    ],
    [
      'switch-loss',
      (file) => Object.assign(file.faults[0]!, { kind: 'reject', code: 'U901' }),
      'scenario.faults[0].code: no code of switch',
    ],
    [
      'switch-loss',
      (file) => (file.faults[0]!['bank'] = 'BNINIDJA'),
      'scenario.faults[0].bank: all banks behind the switch share its lines',
    ],
    [
      'dki-2019',
      (file) => Object.assign(file['attack'] as Json, { victimCount: 201 }),
      'scenario.attack.victimCount: not in 1..199: so many cards are issued',
    ],
  ];
  for (const [name, change, fault] of cases) assert.equal(told(name, change), fault);
});
