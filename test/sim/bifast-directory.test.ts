/** Our gateway and the simulator's hub about proxies, participants and position, and the same conversation in XML: two readings of one
 * specification that never saw each other's code. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remoteProxies } from '../../src/rail/remote-proxy.ts';
import type { RegistrationWish } from '../../src/rail/bifast/connector-proxy.ts';
import { withRig, type Rig } from '../gateway/rig.ts';
import { takeOver } from './bifast-world.ts';

const OWN = { type: '01', value: '6281110000804' } as const;
const OWNER = { type: '99', value: 'cus_1' } as const;
const wish = (
  operation: RegistrationWish['operation'],
  registrationId?: string,
): RegistrationWish => ({
  operation,
  proxy: OWN,
  displayName: 'NASABAH SINTETIS A',
  account: { number: '1001002003', type: 'SVGS', name: 'NASABAH SINTETIS A' },
  secondId: OWNER,
  ...(registrationId && { registrationId }),
});

const proxiesOf = (rig: Rig) => remoteProxies(rig.network.connect('core-1', 'gateway-1'));

test('a proxy is registered, found, paused, and its loss to another bank reaches core', () =>
  withRig(async (rig) => {
    const hub = await takeOver(rig);
    const proxies = proxiesOf(rig);
    const lookUp = () => proxies.lookUp({ proxy: OWN, askingAccount: '1001002003' });
    assert.deepEqual(await lookUp(), { found: false, code: 'U804' });
    const done = await proxies.register(wish('NEWR'));
    assert.ok(done.outcome === 'done');
    const found = await lookUp();
    assert.ok(found.found === true);
    assert.deepEqual([found.target.bank, found.target.account.number], ['PULHIDJA', '1001002003']);
    const known = await proxies.enquire(OWNER);
    assert.ok(known.known && known.states.length === 1 && known.states[0]?.state === 'ACTV');
    assert.equal((await proxies.register(wish('SUSP', done.registrationId))).outcome, 'done');
    assert.deepEqual(await lookUp(), { found: false, code: 'U805' });
    const wrong = await proxies.register(wish('ACTV', 'R000000000001'));
    assert.deepEqual(wrong, { outcome: 'refused', code: 'U804' });
    assert.equal(hub.portAway({ proxy: OWN, toBank: 'BNINIDJA' }), true);
    await rig.sleep(1_000);
    assert.equal(rig.notices.filter(({ kind }) => kind === 'proxy_moved').length, 1);
    await hub.stop();
  }));

test('a directory that does not answer leaves a lookup and a registration unknown', () =>
  withRig(async (rig) => {
    const hub = await takeOver(rig);
    const proxies = proxiesOf(rig);
    const silent = { type: '01', value: '6281234560900' } as const;
    const lookup = await proxies.lookUp({ proxy: silent, askingAccount: '1001002003' });
    assert.equal(lookup.found, 'unknown');
    const registered = await proxies.register({ ...wish('NEWR'), proxy: silent });
    assert.equal(registered.outcome, 'unknown');
    await hub.stop();
  }));

test('a gateway told of lost events learns from the list within a minute, and keeps the position fresh', () =>
  withRig(async (rig) => {
    const hub = await takeOver(rig);
    await rig.sleep(70_000);
    hub.chooser.replace([
      {
        name: 'events',
        match: { direction: 'to_bank', trxType: 'event' },
        does: { kind: 'drop_request' },
      },
    ]);
    hub.setParticipant({ bic: 'BNINIDJA', isOpen: false });
    await rig.sleep(70_000);
    const lists = rig.notices.filter((notice) => notice.kind === 'participants');
    const last = lists.at(-1);
    assert.equal(last?.isWhole, true);
    assert.equal(last?.banks.find(({ bic }) => bic === 'BNINIDJA')?.isOpen, false);
    const positions = rig.notices.filter((notice) => notice.kind === 'position');
    assert.ok(positions.length >= 8, `${positions.length} positions`);
    await hub.stop();
  }));

test('a statement that lacks a line is not believed, and is taken once it is whole', () =>
  withRig(
    async (rig) => {
      const hub = await takeOver(rig);
      await rig.sleep(6_000);
      assert.equal((await rig.rail.send(rig.authorise())).outcome, 'accepted');
      hub.setFaults({ isStatementShort: true });
      await rig.sleep(20 * 60_000);
      const taken = () =>
        rig.notices.filter((one) => one.kind === 'statement' && one.businessDate === '2026-08-01')
          .length;
      assert.equal(taken(), 0, 'a missing line would have given back what settled');
      assert.ok((await rig.bodies('forged')).length > 0, 'and is kept as evidence');
      hub.setFaults({ isStatementShort: false });
      await rig.sleep(5 * 60_000);
      assert.ok(taken() > 0);
      await hub.stop();
    },
    { limits: { cutOverMinute: 610 } },
  ));

test('the whole conversation in XML: sign-on, payment, inquiry, notice, enquiry, proxy, event, incoming credit', () =>
  withRig(
    async (rig) => {
      const hub = await takeOver(rig, { isOn: false }, 'xml');
      await rig.sleep(70_000);
      const payment = rig.authorise();
      assert.equal((await rig.rail.send(payment)).outcome, 'accepted');
      await rig.sleep(2_000);
      assert.ok(
        rig.notices.some((one) => one.kind === 'outcome' && one.answer.outcome === 'accepted'),
      );
      const { bizMsgIdr, msgId, paymentId } = payment.instruction;
      const asked = await rig.rail.inquire({ rail: 'bifast', paymentId, bizMsgIdr, msgId });
      assert.ok(asked.outcome === 'accepted' && asked.isFinal);
      const owner = await rig.rail.enquireAccount({
        rail: 'bifast',
        bank: 'CENAIDJA',
        account: '7006005004',
        amountSen: 100n,
      });
      assert.equal(owner.found, true);
      assert.equal((await proxiesOf(rig).register(wish('NEWR'))).outcome, 'done');
      hub.setParticipant({ bic: 'BMRIIDJA', isOpen: false });
      const credit = await hub.sendCredit({
        fromBank: 'CENAIDJA',
        toBank: 'PULHIDJA',
        debtorAccount: '7006005004',
        creditorAccount: '1001002003',
        amountSen: 5_000_000n,
        remittance: 'sewa & listrik <2026>',
      });
      assert.equal(credit.outcome, 'settled');
      await rig.sleep(2_000);
      const heard = new Set(rig.notices.map(({ kind }) => kind));
      for (const kind of ['participants', 'position', 'credit', 'credit_settled'] as const)
        assert.ok(heard.has(kind), kind);
      const taken = rig.notices.find((notice) => notice.kind === 'credit');
      assert.equal(taken?.remittance, 'sewa & listrik <2026>');
      assert.equal(hub.counters().refused['U215'] ?? 0, 0, 'the hub read every message of ours');
      await hub.stop();
    },
    { encoding: 'xml' },
  ));
