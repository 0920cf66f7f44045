import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withRig, type Rig } from '../../../test/gateway/rig.ts';
import { parseMessage } from '../../rail/bifast/parse.ts';
import type { SystemEvent } from '../../rail/bifast/event.ts';

function event(rig: Rig, over: Partial<SystemEvent> = {}): SystemEvent {
  const { header } = rig.hub.report({ bizMsgIdr: '', msgId: '' });
  return {
    kind: 'system_event',
    header,
    code: 'PCLS',
    parameters: ['BNINIDJA'],
    happenedAt: '2026-08-01T10:05:00.000',
    ...over,
  };
}

async function tell(rig: Rig, message: SystemEvent) {
  const { body, headers } = rig.hub.sign(message);
  return rig.network
    .connect('hub', 'gateway-1-network')
    .call({ path: '/bifast', body, headers, timeoutMs: 5_000 });
}

test('an event about a participant is passed to core and acknowledged once core has taken it', () =>
  withRig(async (rig) => {
    const message = event(rig);
    const response = await tell(rig, message);
    assert.equal(response.status, 200);
    const ack = parseMessage(response.body);
    assert.ok(ack.ok && ack.message.kind === 'event_ack');
    assert.deepEqual([ack.message.reference, ack.message.code], [message.header.bizMsgIdr, 'PCLS']);
    const changedAtMs = Date.parse('2026-08-01T10:05:00+07:00');
    assert.deepEqual(
      rig.notices.filter(({ kind }) => kind === 'participants'),
      [
        {
          kind: 'participants',
          rail: 'bifast',
          madeAtMs: changedAtMs,
          isWhole: false,
          banks: [{ bic: 'BNINIDJA', isOpen: false, changedAtMs }],
        },
      ],
    );
  }));

test('an event that core does not take is not acknowledged: the hub says it again', () =>
  withRig(async (rig) => {
    rig.coreAnswer = () => undefined;
    assert.equal((await tell(rig, event(rig))).status, 503);
  }));

test('an event that nobody knows is acknowledged and does nothing', () =>
  withRig(async (rig) => {
    const response = await tell(rig, event(rig, { code: 'X9', parameters: [] }));
    assert.equal(response.status, 200);
    assert.deepEqual(
      rig.notices.filter(({ kind }) => kind === 'participants'),
      [],
    );
  }));

test('nothing is burned before sign-on: core comes again, and the same token goes then', () =>
  withRig(async (rig) => {
    const payment = rig.authorise();
    const core = rig.railOf('core-1');
    rig.hub.isAdminRefused = true;
    await rig.restart();
    assert.deepEqual(await core.send(payment), { outcome: 'not_reached', reason: 'not signed on' });
    assert.deepEqual(await rig.bodies('intent'), []);
    rig.hub.isAdminRefused = false;
    await rig.sleep(6_000);
    assert.equal((await core.send(payment)).outcome, 'accepted');
    assert.equal((await rig.bodies('intent')).length, 1);
  }));
