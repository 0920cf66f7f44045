/** The events of one step, for the audit trail. Ids, states and amounts only. Pure. */
import type { EventDraft } from '../audit/event.ts';
import type { Restriction, Scope } from '../gate/restriction.ts';
import type { Break } from '../reconcile/match.ts';
import { alarmKind, runbookOf } from './alarm.ts';
import type { HubWish } from './contain.ts';
import { wishText, type Signal } from './detector/observation.ts';
import type { ScopePreview } from './preview.ts';
import type { Refusal } from './push.ts';
import type { Seen } from './see.ts';

/** Everything that a step made true, in the order in which it followed. */
export function stepEvents(step: {
  readonly nowMs: number;
  readonly opened: readonly Break[];
  readonly closed: readonly string[];
  readonly signals: readonly Signal[];
  readonly placed: readonly Restriction[];
  readonly wanted: readonly HubWish[];
  /** What a scope touches, from what left lately. */
  readonly preview: (scope: Scope) => ScopePreview;
}): readonly EventDraft[] {
  const atMs = step.nowMs;
  return [
    ...step.opened.map((found) => breakEvent(found, atMs)),
    ...step.closed.map((id): EventDraft => ({
      atMs,
      kind: 'reconcile.break_closed',
      subject: id,
      data: { break: 'missing' },
    })),
    ...step.signals.map(alarmEvent),
    ...step.placed.map((one) => placedEvent(one, atMs, step.preview(one.scope))),
    ...step.wanted.map((wish): EventDraft => ({
      atMs,
      kind: 'hub_control.wanted',
      subject: wish.target,
      data: { action: wish.action, reason: wish.reason },
    })),
  ];
}

function breakEvent(found: Break, atMs: number): EventDraft {
  return {
    atMs,
    kind: 'reconcile.break_opened',
    subject: found.bizMsgIdr,
    data: {
      break: found.kind,
      reason: found.reason,
      amountSen: found.amountSen,
      rail: found.rail ?? 'bifast',
      direction: found.direction,
      bank: found.bank,
      line: found.lineId,
      connector: found.connector,
    },
  };
}

function placedEvent(one: Restriction, atMs: number, preview: ScopePreview): EventDraft {
  return {
    atMs,
    kind: 'restriction.placed',
    subject: one.id,
    data: {
      scope: one.scope,
      action: one.action.kind,
      level: one.level,
      cause: one.cause,
      reasonClass: one.reasonClass,
      by: one.placedBy,
      evidence: one.evidence,
      paymentsPerMinute: preview.paymentsPerMinute,
      customersPerMinute: preview.customersPerMinute,
      valuePerMinuteSen: preview.valuePerMinuteSen,
      isWide: preview.isWide,
    },
  };
}

/** An alarm in the event stream, with the page that says what to do. */
export function alarmEvent(signal: Signal): EventDraft {
  return {
    atMs: signal.atMs,
    kind: alarmKind(signal.code),
    subject: signal.evidence[0] ?? signal.detector,
    data: {
      detector: signal.detector,
      severity: signal.severity,
      act: signal.act.kind,
      runbook: runbookOf(signal.code),
      evidence: signal.evidence,
      ...(signal.wish && { wish: wishText(signal.wish), isShadow: signal.wish.isShadow }),
      ...(signal.found ? { amountSen: signal.found.amountSen, bank: signal.found.bank } : {}),
    },
  };
}

/** A process that will not take the set: people must look. */
export function refusalSignal(refusal: Refusal, nowMs: number): Signal {
  return {
    detector: 'guard',
    code: 'set_refused',
    severity: 'P1',
    atMs: nowMs,
    evidence: [refusal.process, String(refusal.version), refusal.reason],
    act: { kind: 'alert' },
  };
}

/** A stop button that a gateway calls lifted although no release of two people has ended its restriction. The restriction
 * stands: lifting it would make a set that no process takes, and with it every later one would be refused. */
export function aloneLiftedSignals(
  seen: Pick<Seen, 'entries' | 'nowMs'>,
  active: readonly Pick<Restriction, 'id'>[],
): readonly Signal[] {
  return seen.entries.flatMap(({ body, partition, position }): Signal[] =>
    body.kind === 'latch_lifted' && active.some(({ id }) => id === body.latchId)
      ? [
          {
            detector: 'guard',
            code: 'latch_lifted_alone',
            severity: 'P1',
            atMs: seen.nowMs,
            evidence: [body.latchId, `${partition}#${position}`],
            act: { kind: 'alert' },
          },
        ]
      : [],
  );
}

/** The record or the public word could not be written; the containment was. */
export function reportFailedSignal(error: Error, nowMs: number): Signal {
  return {
    detector: 'guard',
    code: 'report_failed',
    severity: 'P1',
    atMs: nowMs,
    evidence: [error.name],
    act: { kind: 'alert' },
  };
}

/** Restrictions that were asked for or wished and found no room: the set that every process takes is nearly full. */
export function setFullSignal(unplaced: number, nowMs: number): Signal {
  return {
    detector: 'guard',
    code: 'set_full',
    severity: 'P1',
    atMs: nowMs,
    evidence: [`unplaced=${unplaced}`],
    act: { kind: 'alert' },
  };
}
