import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { startCash } from '../../sim/outside-cash.ts';
import { silentLog } from '../kernel/log.ts';
import { seededRandom } from '../kernel/random.ts';
import { wallTime } from '../kernel/time.ts';
import { readConfig } from './config.ts';
import { freePort, portMap } from './port-map.ts';
import type { Frame } from './process-frame.ts';
import { cashOf } from './sim-cash.ts';

async function withFrame(
  parts: string,
  work: (frame: Frame, folder: string) => Promise<void>,
): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'pulih-sim-'));
  const folder = join(state, 'process', 'sim');
  mkdirSync(folder, { recursive: true });
  const config = readConfig({ PULIH_STATE: state, PULIH_SIM: parts });
  const listensAt = await freePort();
  const frame: Frame = {
    name: 'sim',
    config,
    // Any free port stands for the switch's.
    ports: { ...portMap(config.port), stream: () => listensAt },
    time: wallTime(),
    random: seededRandom('sim'),
    log: silentLog,
  };
  try {
    await work(frame, folder);
  } finally {
    rmSync(state, { recursive: true });
  }
}

test('cashOf() starts nothing unless PULIH_SIM asks for it', () =>
  withFrame('', async (frame) => assert.deepEqual(cashOf(frame), {})));

test('cashOf() makes test keys once per deployment, readable by the simulator only', () =>
  withFrame('switch,terminal', async (frame, folder) => {
    const first = cashOf(frame);
    assert.equal(statSync(join(folder, 'switch-seed')).mode & 0o777, 0o600);
    const again = cashOf(frame);
    assert.deepEqual(first.interbank?.links, again.interbank?.links);
    // Two links of one network, and the keys are the network's.
    assert.deepEqual(first.interbank?.links[0]?.keys, first.interbank?.links[1]?.keys);
    assert.notDeepEqual(first.interbank?.links[0]?.keys, first.ownMachines?.keys);
    const cash = await startCash({
      ...first,
      time: frame.time,
      random: frame.random,
      log: silentLog,
    });
    assert.deepEqual(
      cash.terminals.map(({ id }) => id),
      ['ATM19901', 'ATM19902', 'ATM00201', 'ATM00801', 'ATM00901', 'ATM01401'],
    );
    assert.equal(cash.interbank?.ports()['switch-1'], frame.ports.stream('switch'));
    await cash.stop();
  }));
