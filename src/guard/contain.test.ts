import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Restriction } from '../gate/restriction.ts';
import { readRestriction } from '../gate/read.ts';
import type { Break } from '../reconcile/match.ts';
import {
  decideContainment,
  decideResume,
  manualRestriction,
  settleWishes,
  type HubWish,
} from './contain.ts';
import { foldDetectors } from './detector/fold.ts';
import { BIFAST_OUT, type Observation, type Signal } from './detector/observation.ts';
import { GUARD_DEFAULTS, mergeNumbers } from './setting.ts';

const NOW = 1_000_000;
const orphan: Break = {
  kind: 'orphan',
  reason: 'never_issued',
  bizMsgIdr: 'B1',
  direction: 'out',
  amountSen: 500n,
  bank: 'BNINIDJA',
  moneyLeft: true,
  occurredAtMs: NOW - 1_000,
  lineId: 'L1',
  connector: 'bad',
  isOwnConnector: false,
};

function contain(
  seen: readonly Break[],
  state: { active?: readonly Restriction[]; wishes?: readonly HubWish[]; nowMs?: number } = {},
) {
  const nowMs = state.nowMs ?? NOW;
  const observations = seen.map((found): Observation => ({ kind: 'break', atMs: nowMs, found }));
  const { signals } = foldDetectors({}, observations, GUARD_DEFAULTS.detector);
  let count = 0;
  return decideContainment({
    signals,
    active: state.active ?? [],
    wishes: state.wishes ?? [],
    ladder: {},
    localise: () => [],
    nowMs,
    numbers: GUARD_DEFAULTS,
    bic: 'PULHIDJA',
    newId: (prefix) => `${prefix}_${++count}`,
  });
}

test('decideContainment() stops only BI-FAST outbound on the first settled id never issued, and revokes its connector', () => {
  const { place, wish, proof } = contain([orphan]);
  assert.equal(place.length, 1);
  assert.deepEqual(place[0]!.scope, { rail: 'bifast', direction: 'out' });
  assert.deepEqual(
    [place[0]!.action.kind, place[0]!.level, place[0]!.reasonClass, place[0]!.posture.kind],
    ['stop', 3, 'containment', 'closed'],
  );
  assert.equal(place[0]!.isAutomatic, true);
  assert.deepEqual(place[0]!.evidence, ['B1']);
  assert.deepEqual(
    wish.map(({ action, target }) => [action, target]),
    [['revoke', 'bad']],
  );
  assert.equal(proof.length, 1);
});

test('decideContainment() suspends our outbound when our own connector carried it, or no line names one', () => {
  assert.deepEqual(
    contain([{ ...orphan, isOwnConnector: true }]).wish.map(({ action }) => action),
    ['suspend_out'],
  );
  const { lineId: _, connector: __, ...intent } = orphan;
  assert.deepEqual(
    contain([{ ...intent, reason: 'intent_without_authorisation' }]).wish.map(
      ({ action }) => action,
    ),
    ['suspend_out'],
  );
});

test('decideContainment() adds a suspension when lines go on after the revocation, or it is not confirmed in time', () => {
  const revoke: HubWish = { action: 'revoke', target: 'bad', reason: 'x', wantedAtMs: NOW - 5_000 };
  assert.deepEqual(
    contain([{ ...orphan, occurredAtMs: NOW }], {
      wishes: [{ ...revoke, doneAtMs: NOW - 100 }],
    }).wish.map((w) => w.action),
    ['suspend_out'],
  );
  assert.deepEqual(
    contain([orphan], { wishes: [{ ...revoke, doneAtMs: NOW - 100 }] }).wish,
    [],
    'settled before: no news',
  );
  assert.deepEqual(
    contain([], { wishes: [revoke] }).wish.map((w) => w.action),
    ['suspend_out'],
  );
  assert.deepEqual(contain([], { wishes: [{ ...revoke, wantedAtMs: NOW - 1_000 }] }).wish, []);
});

test('decideContainment() does not place twice for the same cause, but closes a restriction that is in recovery', () => {
  const { place } = contain([orphan, { ...orphan, bizMsgIdr: 'B2' }]);
  assert.equal(place.length, 1);
  assert.equal(contain([orphan], { active: place }).place.length, 0);
  const recovering = {
    ...place[0]!,
    admission: { releaseId: 'rel_1', stage: 0, bucketsBelow: 0, staffOnly: true, sinceMs: NOW },
  };
  assert.equal(contain([orphan], { active: [recovering] }).place.length, 1);
  const narrow = { ...place[0]!, scope: { ...BIFAST_OUT, bank: 'BNINIDJA' } };
  assert.equal(contain([orphan], { active: [narrow] }).place.length, 1);
});

test('decideContainment() never stops the rail for refusals, forgeries or missing lines: knocking causes no outage', () => {
  const knocks: Observation[] = Array.from({ length: 200 }, (_, i) => ({
    kind: 'journal',
    atMs: NOW + i,
    partition: 'gateway-1',
    position: i + 1,
    body:
      i % 2 === 0
        ? {
            kind: 'refused',
            reason: i % 4 === 0 ? 'bad_signature' : 'expired',
            peer: 'evil',
            fingerprint: `f${i % 3}`,
          }
        : { kind: 'forged', what: 'outcome', peer: 'evil', fingerprint: 'f' },
  }));
  const { signals } = foldDetectors({}, knocks, GUARD_DEFAULTS.detector);
  assert.ok(
    signals.length > 0 && signals.length < 20,
    `told, and not 200 times: ${signals.length}`,
  );
  assert.ok(signals.every(({ act }) => act.kind === 'alert'));
  assert.equal(
    contain([{ ...orphan, kind: 'missing', reason: 'no_settlement', moneyLeft: false }]).place
      .length,
    0,
  );
});

test('deadManDetector T16: a guard that cannot match alerts at 5, caps at 15, stops at 30 minutes, once each', () => {
  let states = {};
  const acts: string[] = [];
  for (let minute = 0; minute <= 40; minute++) {
    const folded = foldDetectors(
      states,
      [{ kind: 'tick', atMs: minute * 60_000, matchAgeMs: minute * 60_000 }],
      GUARD_DEFAULTS.detector,
    );
    states = folded.states;
    for (const { act } of folded.signals) acts.push(`${minute}:${act.kind}`);
  }
  assert.deepEqual(acts, ['6:alert', '16:cap', '31:stop']);
  const back = foldDetectors(
    states,
    [{ kind: 'tick', atMs: 0, matchAgeMs: 0 }],
    GUARD_DEFAULTS.detector,
  );
  assert.deepEqual(back.signals, []);
  assert.deepEqual(
    foldDetectors(
      back.states,
      [{ kind: 'tick', atMs: 1, matchAgeMs: 3_600_000 }],
      GUARD_DEFAULTS.detector,
    ).signals.map((s) => s.act.kind),
    ['stop'],
  );
});

test("deadManDetector T16: each rail has a dead-man of its own; another rail's silence neither hides it nor stops this one", () => {
  const ages = (switchMs: number, qrisMs: number): Observation => ({
    kind: 'tick',
    atMs: NOW,
    matchAgeMs: 1_000,
    rails: [
      { rail: 'switch', matchAgeMs: switchMs },
      { rail: 'qris', matchAgeMs: qrisMs },
    ],
  });
  let states = {};
  const said = (observation: Observation): readonly string[] => {
    const folded = foldDetectors(
      JSON.parse(JSON.stringify(states)),
      [observation],
      GUARD_DEFAULTS.detector,
    );
    states = folded.states;
    return folded.signals.map(({ act, evidence }) =>
      act.kind === 'alert' ? `alert ${evidence[0]}` : `${act.kind} ${act.scope.rail}`,
    );
  };
  assert.deepEqual(said(ages(301_000, 1_000)), ['alert switch']);
  assert.deepEqual(said(ages(302_000, 1_000)), [], 'once');
  assert.deepEqual(said(ages(901_000, 301_000)), ['cap switch', 'alert qris']);
  assert.deepEqual(said(ages(1_801_000, 302_000)), ['stop switch']);
  assert.deepEqual(said(ages(1_000, 901_000)), ['cap qris']);
  assert.deepEqual(said(ages(1_801_000, 902_000)), ['stop switch'], 'again after a match');
});

test('outcomeDetector tells of outcomes that people must look at, and of nothing else', () => {
  const fold = (kind: string) =>
    foldDetectors(
      {},
      [
        {
          kind: 'event',
          atMs: NOW,
          event: { xid: 1n, id: 1n, atMs: NOW, kind, subject: 'pay_1', data: {} },
        },
      ],
      GUARD_DEFAULTS.detector,
    ).signals.map(({ code, severity, evidence }) => [code, severity, ...evidence]);
  assert.deepEqual(fold('payment.settled_after_refund'), [['settled_after_refund', 'P1', 'pay_1']]);
  assert.deepEqual(fold('payment.outcome_contradicted'), [['outcome_contradicted', 'P1', 'pay_1']]);
  assert.deepEqual(fold('payment.review'), [['review_waiting', 'P2', 'pay_1']]);
  assert.deepEqual(fold('payment.credit_unknown'), [['credit_unknown', 'P2', 'pay_1']]);
  assert.deepEqual(fold('payment.sale_unsettled'), [['sale_unsettled', 'P2', 'pay_1']]);
  assert.deepEqual(fold('payment.overdue'), [['overdue', 'P2', 'pay_1']]);
  assert.deepEqual(fold('card.cryptogram_replayed'), [['cryptogram_wrong', 'P2', 'pay_1']]);
  assert.deepEqual(fold('machine.reversal_given_up'), [['reversal_given_up', 'P1', 'pay_1']]);
  assert.deepEqual(fold('machine.differs'), [['machine_differs', 'P2', 'pay_1']]);
  assert.deepEqual(fold('machine.owed'), []);
  assert.deepEqual(fold('payment.settled'), []);
  assert.deepEqual(fold('payment.unknown'), []);
});

test('foldDetectors() gives the same for the same stream, also when its state went through JSON', () => {
  const stream: Observation[] = [
    { kind: 'break', atMs: 1, found: orphan },
    {
      kind: 'journal',
      atMs: 2,
      partition: 'g',
      position: 1,
      body: { kind: 'refused', reason: 'bad_signature', peer: 'p', fingerprint: 'f' },
    },
    { kind: 'tick', atMs: 3, matchAgeMs: 400_000 },
    { kind: 'break', atMs: 4, found: { ...orphan, reason: 'amount_differs' } },
  ];
  const whole = foldDetectors({}, stream, GUARD_DEFAULTS.detector);
  let states = {};
  const signals = [];
  for (const one of stream) {
    const part = foldDetectors(JSON.parse(JSON.stringify(states)), [one], GUARD_DEFAULTS.detector);
    states = part.states;
    signals.push(...part.signals);
  }
  assert.deepEqual(signals, whole.signals);
  assert.deepEqual(JSON.parse(JSON.stringify(states)), JSON.parse(JSON.stringify(whole.states)));
});

test("manualRestriction() is marked as a person's", () => {
  const one = manualRestriction({
    id: 'r',
    scope: BIFAST_OUT,
    reasonClass: 'containment',
    by: 'stf_1',
    evidence: [],
    nowMs: NOW,
    numbers: GUARD_DEFAULTS,
  });
  assert.deepEqual(
    [one.isAutomatic, one.cause, one.placedBy, one.level],
    [false, 'manual', 'stf_1', 3],
  );
});

test('mergeNumbers() takes single numbers and ignores what is not one', () => {
  const merged = mergeNumbers(
    GUARD_DEFAULTS,
    {
      detector: {
        deadManStopMs: 5,
        orphanStopCount: 0,
        unissuedStopCount: 'x',
        deadManCapSen: '100',
        typo: 1,
      },
      match: 7,
    },
    2,
  );
  assert.deepEqual(
    [
      merged.version,
      merged.detector.deadManStopMs,
      merged.detector.orphanStopCount,
      merged.detector.unissuedStopCount,
      merged.detector.deadManCapSen,
    ],
    [2, 5, 1, 1, '100'],
  );
  assert.deepEqual(merged.match, GUARD_DEFAULTS.match);
  assert.equal('typo' in merged.detector, false);
});

test('decideResume() asks the hub for our outbound again only once nothing of ours stops it, and a new stop overtakes that', () => {
  const suspended: HubWish = {
    action: 'suspend_out',
    target: 'PULHIDJA',
    reason: 'x',
    wantedAtMs: 1,
    doneAtMs: 2,
  };
  const revoked: HubWish = {
    action: 'revoke',
    target: 'bad',
    reason: 'x',
    wantedAtMs: 1,
    doneAtMs: 2,
  };
  const { place } = contain([orphan]);
  const ask = (active: readonly Restriction[], wishes: readonly HubWish[] = [suspended]) =>
    decideResume({ wishes, active, nowMs: NOW, bic: 'PULHIDJA' });
  assert.equal(ask(place), undefined);
  assert.equal(ask([], [revoked]), undefined);
  const recovering = {
    ...place[0]!,
    admission: { releaseId: 'rel_1', stage: 0, bucketsBelow: 0, staffOnly: true, sinceMs: NOW },
  };
  const resume = ask([recovering])!;
  assert.equal(resume.action, 'resume_out');
  assert.equal(ask([recovering], [suspended, resume]), undefined);
  // The hub may have resumed although its answer was lost: it is asked to suspend anew.
  const settle = (wishes: readonly HubWish[]) =>
    settleWishes({ wishes, active: place, nowMs: NOW, bic: 'PULHIDJA' });
  const again: HubWish = {
    action: 'suspend_out',
    target: 'PULHIDJA',
    reason: 'resumption_overtaken',
    wantedAtMs: NOW,
  };
  assert.deepEqual(settle([revoked, suspended, resume]), [revoked, again]);
  assert.deepEqual(settle([revoked, again]), [revoked, again]);
  const done = settleWishes({
    wishes: [revoked, suspended, { ...resume, doneAtMs: NOW }],
    active: [recovering],
    nowMs: NOW,
    bic: 'PULHIDJA',
  });
  assert.deepEqual(done, [revoked], 'a later incident can suspend again');
  assert.deepEqual(
    contain([{ ...orphan, isOwnConnector: true }], { wishes: done }).wish.map(
      ({ action }) => action,
    ),
    ['suspend_out'],
  );
});

test('decideContainment() takes the narrowest rung for a throttle, holds one payee and one category, and slows no rail for them', () => {
  const out = { rail: 'bifast', direction: 'out' } as const;
  const narrow = { ...out, bank: 'BNINIDJA' } as const;
  const signal = (act: object): Signal =>
    ({ detector: 'D6', code: 'count_rate', severity: 'P2', atMs: NOW, evidence: [], act }) as never; // the act is what is tested
  const decide = (act: object, active: readonly Restriction[] = [], scopes = [narrow]) =>
    decideContainment({
      signals: [signal({ reasonClass: 'containment', ...act })],
      active,
      wishes: [],
      ladder: {},
      localise: () => scopes,
      nowMs: NOW,
      numbers: GUARD_DEFAULTS,
      bic: 'PULHIDJA',
      newId: (prefix) => `${prefix}_x`,
    });
  const slowed = decide({ kind: 'throttle', scope: out });
  assert.deepEqual(
    slowed.place.map(({ scope, action, level }) => [scope, action.kind, level]),
    [
      [narrow, 'cap', 2],
      [narrow, 'throttle', 2],
    ],
  );
  assert.equal(Object.keys(slowed.ladder).length, 1);
  const wider = decide({ kind: 'throttle', scope: out }, slowed.place);
  assert.deepEqual(wider.place[0]?.scope, out, 'what stands already cuts nothing more');
  const payee = 'e'.repeat(16);
  const held = decide({ kind: 'hold', scope: { ...out, payee } }).place;
  assert.deepEqual(
    held.map(({ scope, action }) => [scope, action.kind]),
    [[{ ...out, payees: [payee] }, 'hold']],
  );
  const wallets = decide({ kind: 'hold', scope: { ...out, category: 'e_wallet' } }).place[0]!;
  assert.equal(wallets.scope.payeeCategory?.name, 'e_wallet');
  for (const one of [...slowed.place, ...held, wallets]) assert.ok(readRestriction(one));
  assert.deepEqual(decide({ kind: 'hold', scope: { ...out, category: 'unheard_of' } }).place, []);
  assert.deepEqual(decide({ kind: 'hold', scope: out }).place[0]?.action, { kind: 'step_up' });
});
