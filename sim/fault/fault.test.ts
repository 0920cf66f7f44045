import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/kernel/random.ts';
import { faultRandomOf, readFaultFile, WIRE_WORDS } from '../fault-file.ts';
import { HUB_DEFAULTS, HUB_WORDS, MAGIC_ACCOUNTS, type FaultRule } from '../hub/faults.ts';
import { openChooser } from './chooser.ts';
import { controlFaults, openDesk } from './desk.ts';
import { parseRules } from './rule.ts';

const CREDIT = { direction: 'from_bank', trxType: '010', bank: 'CENAIDJA', account: '1990000001' };
const DROP = { kind: 'drop_request' } as const;

function openHub(rules: readonly FaultRule[], seed = 'a') {
  const clock = { ms: 1_000 };
  const now = (): number => clock.ms;
  const random = seededRandom(seed);
  const chooser = openChooser<FaultRule>({ rules, random, now, defaults: HUB_DEFAULTS });
  const desk = openDesk({ wire: 'hub', words: HUB_WORDS, chooser, always: MAGIC_ACCOUNTS, now });
  return { clock, chooser, desk };
}

test('choose() keeps to number, time and subject, counts what it met, and a rule about credits touches no feed', () => {
  const rule: FaultRule = {
    name: 'x',
    match: { bank: 'CENAIDJA', accountSuffix: '001', afterMs: 500, forMs: 1_000, countMax: 2 },
    does: DROP,
  };
  const { clock, chooser } = openHub([rule]);
  assert.equal(chooser.choose(CREDIT), undefined, 'its time has not come');
  clock.ms = 1_500;
  assert.equal(chooser.choose({ ...CREDIT, bank: 'BNINIDJA' }), undefined);
  assert.equal(chooser.choose({ ...CREDIT, account: '1990000002' }), undefined);
  assert.equal(chooser.choose({ ...CREDIT, trxType: 'feed' }), undefined);
  assert.equal(chooser.choose({ ...CREDIT, direction: 'to_bank' }), undefined);
  assert.equal(chooser.choose(CREDIT, ['duplicate']), undefined, 'another kind is asked for');
  assert.deepEqual([chooser.choose(CREDIT), chooser.choose(CREDIT)], [DROP, DROP]);
  assert.equal(chooser.choose(CREDIT), undefined, 'two were all');
  assert.deepEqual(chooser.used(), { x: 2 });
  const all = openHub([{ name: 'y', match: { trxType: 'all' }, does: DROP }]).chooser;
  assert.equal(all.choose({ ...CREDIT, trxType: 'feed' }), DROP);
});

test('choose() meets the same messages for the same seed, and others for another', () => {
  const play = (seed: string): string => {
    const file = readFaultFile({ seed });
    assert.ok(typeof file !== 'string');
    const chooser = openChooser<FaultRule>({
      rules: [{ name: 'some', match: { perTenThousand: 3_000 }, does: DROP }],
      random: faultRandomOf(file, 'hub', seededRandom('otherwise')),
      now: () => 0,
      defaults: HUB_DEFAULTS,
    });
    return Array.from({ length: 60 }, () => (chooser.choose(CREDIT) ? 'x' : '.')).join('');
  };
  assert.equal(play('a'), play('a'));
  assert.notEqual(play('a'), play('b'));
  assert.match(play('a'), /x.*\./);
});

test('a desk switches on before what holds always, for a number or a time, off, and back', () => {
  const { clock, chooser, desk } = openHub(MAGIC_ACCOUNTS);
  const ask = (body: unknown) =>
    controlFaults([desk], { method: 'POST', path: '/sim/fault/hub', body })?.status;
  const states = (): string =>
    desk
      .shown()
      .filter(({ state }) => state !== 'always')
      .map(({ rule, state, met }) => `${rule.name} ${state} ${met}`)
      .join();
  assert.equal(ask({ on: { name: 'a', match: { countMax: 1 }, does: DROP } }), 200);
  assert.equal(
    ask({ on: { name: 'b', match: { forMs: 60_000 }, does: { kind: 'half_open' } } }),
    200,
  );
  assert.equal(chooser.choose(CREDIT)?.kind, 'half_open');
  assert.equal(chooser.choose({ ...CREDIT, account: '1990099101' }, ['reject'])?.kind, 'reject');
  assert.deepEqual(chooser.choose(CREDIT, ['drop_request']), DROP);
  assert.equal(states(), 'b on 1,a over 1');
  clock.ms += 60_000;
  assert.equal(chooser.standing('half_open'), undefined);
  assert.equal(states(), 'b over 1,a over 1');
  assert.equal(ask({ off: 'b' }), 200);
  assert.equal(ask({ off: 'b' }), 400);
  assert.equal(ask({ reset: true }), 200);
  assert.deepEqual(chooser.rules(), MAGIC_ACCOUNTS);
  for (const bad of [
    [],
    {},
    { on: { name: 'x' } },
    { on: 1, off: 'a' },
    { rules: 1 },
    { reset: 1 },
  ])
    assert.equal(ask(bad), 400, JSON.stringify(bad));
  assert.equal(
    controlFaults([desk], { method: 'POST', path: '/sim/fault/moon', body: {} })?.status,
    404,
  );
});

test('every wire takes its own words and refuses others, with the place', () => {
  for (const [wire, words] of Object.entries(WIRE_WORDS)) {
    const wrong = (rule: object): unknown =>
      parseRules(words, [{ name: 'x', match: {}, does: { kind: 'delay', afterMs: 1 }, ...rule }]);
    assert.equal(typeof wrong({}), 'object', wire);
    assert.equal(wrong({ match: { colour: 'red' } }), 'rules[0]: match.colour is unknown');
    assert.equal(wrong({ match: { countMax: 0 } }), 'rules[0]: match.countMax is wrong');
    assert.equal(wrong({ does: { kind: 'constructor' } }), 'rules[0]: does.kind is unknown');
    assert.equal(
      wrong({ does: { kind: 'delay', afterMs: -1 } }),
      'rules[0]: does.afterMs is wrong',
    );
    assert.equal(wrong({ name: '' }), 'rules[0]: name is missing');
  }
  assert.equal(readFaultFile({ moon: [] }), 'moon: unknown');
  assert.equal(readFaultFile({ hub: {} }), 'hub: rules: not a list of at most 200');
  assert.equal(readFaultFile({ switchScript: { loud: 1 } }), 'switchScript: loud: unknown');
  assert.equal(readFaultFile([]), 'not an object');
});
