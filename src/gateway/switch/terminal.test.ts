import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoNetwork } from '../../app/switch-profile.ts';
import { demoTerminals } from '../../app/terminal-profile.ts';
import type { SwitchContext } from './line.ts';
import type { FlowFacts } from '../../gate/port.ts';
import type { Restriction } from '../../gate/restriction.ts';
import { machineText } from './machine-text.ts';
import { makeServe } from './serve.ts';
import { answerState } from './service-state.ts';
import { isCounted } from './terminal.ts';
import { terminalProblems } from './terminal-config.ts';

const LINKS = [{ name: 'l', side: 'client', address: 'a', admitted: [] }] as const;
const terminals = demoTerminals({ links: LINKS });
const network = demoNetwork({ links: LINKS });

test('terminalProblems() asks that a machine waits longer than we do for switch and core together, and that a card is ours or theirs', () => {
  const of = (over: Partial<Parameters<typeof terminalProblems>[0]>) =>
    terminalProblems({ terminals, network, holdMs: 5_000, ...over });
  assert.deepEqual(of({}), []);
  assert.match(of({ holdMs: 8_000 }).join(), /switch and core \(43000 ms\).*\(42000 ms\)/);
  const impatient = { ...network, timers: { ...network.timers, terminalMs: 41_000 } };
  assert.match(of({ network: impatient }).join(), /that it waits \(41000 ms\)/);
  assert.match(of({ terminals: { ...terminals, ownBins: ['639014'] } }).join(), /639014/);
  assert.match(of({ terminals: { ...terminals, machines: ['atm'] } }).join(), /eight/);
});

test('a machine hears before the PIN that a service is stopped and what still works; a containment is never called maintenance', () => {
  const STOPS: Restriction = {
    id: 'r',
    scope: { rail: 'switch' },
    action: { kind: 'stop' },
    level: 3,
    reasonClass: 'containment',
    cause: 'manual',
    evidence: [],
    placedBy: 'ani',
    isAutomatic: false,
    madeAtMs: 0,
    reviewAtMs: 0,
    nextUpdateAtMs: 0,
    posture: { kind: 'closed' },
  };
  const said = (bin: string, restriction: Restriction = STOPS): string | undefined => {
    const context = {
      latches: { isLatched: () => false },
      holder: {
        decide: ({ rail }: FlowFacts) =>
          rail === restriction.scope.rail ? { kind: 'stop', restriction } : { kind: 'allow' },
      },
    } as unknown as SwitchContext; // all that is used of it
    const request = { mti: '0600', fields: { 63: bin } };
    const served = { request, mti: '0610', requestId: '', fromBank: '', deadlineMs: 0 };
    return answerState(context, terminals, served).fields[63];
  };
  assert.equal(said('639199'), 'OPEN');
  assert.match(
    said('639014')!,
    /^STOP\|Kartu bank lain .*demi keamanan.*\|Other banks' cards .*security/,
  );
  assert.match(said('639199', { ...STOPS, scope: { rail: 'onus' } })!, /Aplikasi kami tetap/);
  const admission = { releaseId: 'l', stage: 1, bucketsBelow: 100, staffOnly: false, sinceMs: 0 };
  assert.equal(
    said('639014', { ...STOPS, admission }),
    'OPEN',
    'open for some: the refusal tells the others',
  );
  for (const service of ['own_card', 'other_card'] as const) {
    const text = machineText(service, 'containment');
    assert.doesNotMatch(`${text.id} ${text.en}`, /pemeliharaan|maintenance/i);
    for (const why of ['containment', 'technical', 'partner', 'maintenance', 'exercise'] as const)
      for (const words of Object.values(machineText(service, why)))
        assert.match(words, /^[\x20-\x7b]{20,120}$/, words);
  }
});

test('isCounted() takes a deposit whose notes are its amount, and no other', () => {
  const of = (amount: string, notes: string): boolean =>
    isCounted(terminals.setting.dialect, { mti: '0200', fields: { 4: amount, 63: notes } });
  assert.equal(of('000025000000', '50000x3,100000x1'), true);
  for (const [amount, notes] of [
    ['000025000100', '50000x3,100000x1'],
    ['000025000000', '50000x3'],
    ['000000000000', '50000x0'],
    ['000025000000', ''],
    ['000025000000', '50000x3,100000x1,'],
  ] as const)
    assert.equal(of(amount, notes), false, notes);
});

test('nobody is us over the network: what claims to come from a machine of ours there, a reversal too, is refused before anybody is asked', async () => {
  const context = {
    time: { now: () => Date.UTC(2026, 7, 1, 3) },
    bank: { bic: 'PULHIDJA', bankCode: '199' },
    member: { dialect: network.dialect },
  };
  const serve = makeServe(context as unknown as SwitchContext); // nothing else is reached
  for (const mti of ['0200', '0420']) {
    const answer = await serve(
      { mti, fields: { 3: '011000', 7: '0801030000', 11: '000001', 32: '199', 41: 'ATM19901' } },
      { link: 'switch-1', deadlineMs: 0 },
    );
    assert.equal(answer?.fields[39], '30', mti);
  }
  const ofOurs = `0200000001080103000000000000199${'0'.repeat(8)}199`;
  const stranger = { 3: '011000', 4: '000010000000', 7: '0801030000', 11: '000002', 32: '014' };
  const answer = await serve(
    { mti: '0420', fields: { ...stranger, 90: ofOurs } },
    { link: 'switch-1', deadlineMs: 0 },
  );
  assert.equal(answer?.fields[39], '30', 'another bank names a request of our machine');
});
