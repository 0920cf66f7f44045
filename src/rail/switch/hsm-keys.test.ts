/** Links with the HSM of development behind them: the real one, over its own wire form. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkValue, wrapKey } from '../../../sim/switch/crypto.ts';
import { openTestHsm } from '../../hsm/test-hsm.ts';
import { hsmKeys, hsmMac } from './hsm-keys.ts';
import type { KeyPort, MacPort } from './port.ts';
import {
  APPROVES,
  management,
  MANAGES,
  settingOf,
  signedOn,
  transfer,
  until,
  withWorld,
} from './test-network.ts';

const ZAK = Buffer.from('0123456789ABCDEFFEDCBA9876543210', 'hex');
const ZMK = Buffer.from('2323456789ABCDEF1032547698BADCFE', 'hex');
const OTHER = Buffer.from('4523456789ABCDEF7632547698BADCFE', 'hex');
const NEW_KEY = Buffer.from('8923456789ABCDEFBA32547698BADCFE', 'hex');

test('MACs of the HSM and of the network agree; a key that the HSM does not have sends nothing', async () => {
  const hsm = await openTestHsm();
  try {
    assert.ok(hsm.form('zak.demo', { algorithm: 'T', key: ZAK }).ok);
    const ask = async (name: 'zak.demo' | 'zak.other', peerMacKey: Buffer): Promise<string> => {
      const port = hsmMac(hsm.gateway, name);
      // Virtual time must not pass while the HSM works.
      let track: <T>(work: Promise<T>) => Promise<T> = (work) => work;
      const mac: MacPort = {
        make: (input) => track(port.make(input)),
        isRight: (input) => track(port.isRight(input)),
      };
      let outcome = '';
      await withWorld(
        settingOf({ macOn: 'financial' }),
        async (world) => {
          track = (work) => world.time.track(work);
          await signedOn(world);
          const answer = await world.network.request({ kind: 'financial', message: transfer(1) });
          outcome = answer.outcome === 'not_sent' ? answer.reason : answer.outcome;
        },
        { mac, peerMacKey, script: APPROVES },
      );
      return outcome;
    };
    assert.equal(await ask('zak.demo', ZAK), 'answered');
    assert.equal(await ask('zak.demo', OTHER), 'unknown');
    assert.equal(await ask('zak.other', ZAK), 'mac_unavailable');
  } finally {
    await hsm.close();
  }
});

test('a key of an exchange goes into the HSM while it is expected, and nowhere else', async () => {
  const hsm = await openTestHsm();
  try {
    assert.ok(hsm.form('zmk.demo', { algorithm: 'T', key: ZMK }).ok);
    let isExpected = false;
    const port = hsmKeys(hsm.gateway, { name: 'zpk.demo', isExpected: () => isExpected });
    let track: <T>(work: Promise<T>) => Promise<T> = (work) => work;
    const keys: KeyPort = { accept: (input) => track(port.accept(input)) };
    await withWorld(
      settingOf(),
      async (world) => {
        track = (work) => world.time.track(work);
        await signedOn(world);
        const [player] = world.players;
        const codeOf = async (wrapped: string): Promise<string | undefined> => {
          const before = player!.got.length;
          player!.send(management('162', { 120: wrapped }));
          await until(world, () => player!.got.length > before);
          return player!.got.at(-1)!.fields[39];
        };
        const wrapped = wrapKey(ZMK, NEW_KEY);
        assert.equal(await codeOf(wrapped), '96');
        isExpected = true;
        assert.equal(await codeOf(`${wrapped.slice(0, 32)}000000`), '96');
        assert.equal(await codeOf(wrapKey(OTHER, NEW_KEY)), '96');
        assert.equal(await codeOf(wrapped), '00');
        assert.deepEqual(
          world.alarms.map(({ kind }) => kind),
          ['key_unplanned', 'key_refused', 'key_refused'],
        );
        const listed = await track(hsm.gateway.listKeys({}));
        assert.ok(listed.ok);
        const zpk = listed.keys.filter(({ name }) => name === 'zpk.demo');
        assert.deepEqual(
          zpk.map((key) => key.checkValue),
          [checkValue(NEW_KEY)],
        );
        assert.ok(!world.logged.join('\n').includes(wrapped.slice(0, 32)));
      },
      { script: MANAGES, ports: { keys } },
    );
  } finally {
    await hsm.close();
  }
});
