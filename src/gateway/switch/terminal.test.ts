import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoNetwork } from '../../app/switch-profile.ts';
import { demoTerminals } from '../../app/terminal-profile.ts';
import type { SwitchContext } from './host.ts';
import { makeServe } from './serve.ts';
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

test('nobody is us over the network: what claims to come from a machine of ours there, a reversal too, is refused before anybody is asked', async () => {
  const context = { time: { now: () => Date.UTC(2026, 7, 1, 3) }, bank: { bic: 'PULHIDJA' } };
  const serve = makeServe(context as unknown as SwitchContext); // nothing else is reached
  for (const mti of ['0200', '0420']) {
    const answer = await serve(
      { mti, fields: { 3: '011000', 7: '0801030000', 11: '000001', 32: '199', 41: 'ATM19901' } },
      { link: 'switch-1', deadlineMs: 0 },
    );
    assert.equal(answer?.fields[39], '30', mti);
  }
});
