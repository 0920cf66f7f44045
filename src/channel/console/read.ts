/** What the console shows: one function per room, each a plain object for JSON. Accounts masked, no customer names. */
import { isNarrow, scopeText } from '../../gate/scope.ts';
import type { ReleasePlan, Restriction } from '../../gate/restriction.ts';
import type { StoredHarm } from '../../guard/harm-watch.ts';
import { CHART } from '../../kernel/bank.ts';
import { maskAccount } from '../../kernel/log.ts';
import { makeBoard } from './board.ts';
import { readNetwork } from './network.ts';
import type { ConsoleInput } from './port.ts';
import * as store from './store.ts';
import type { Language } from './words.ts';

const WINDOW_MS = 15 * 60_000;
const SPARK_MINUTES = 60;
const ALARM_WINDOW_MS = 24 * 3_600_000;
/** A process that did not report for so long is shown as silent. */
const SILENT_MS = 10_000;

/** The rail board with match age, settlement position, processes and alarms. */
export async function readBoard(input: ConsoleInput): Promise<unknown> {
  const { db, time, balance } = input;
  const nowMs = time.now();
  const [
    traffic,
    minutes,
    open,
    breaks,
    alarms,
    processes,
    version,
    matchAgeMs,
    out,
    incoming,
    network,
  ] = await Promise.all([
    store.traffic(db, nowMs - WINDOW_MS),
    store.trafficByMinute(db, nowMs - SPARK_MINUTES * 60_000),
    store.openOutcomes(db),
    store.countBreaks(db),
    store.listAlarms(db, nowMs - ALARM_WINDOW_MS),
    store.listProcesses(db),
    store.newestSetVersion(db),
    input.matchAgeMs(),
    balance(CHART.bifastOut),
    balance(CHART.bifastIn),
    readNetwork(input, await input.liquidityNumbers()),
  ]);
  const rows = makeBoard({
    traffic,
    minutes,
    open,
    nowMs,
    minuteCount: SPARK_MINUTES,
    isBusinessDecline: input.isBusinessDecline,
  });
  return {
    atMs: nowMs,
    windowMs: WINDOW_MS,
    rows: rows.map((row) => ({ ...row, state: rowState(input, row) })),
    matchAgeMs: matchAgeMs ?? null,
    breaks: { count: Number(breaks.n), valueSen: String(breaks.value_sen) },
    position: {
      outSen: String(out?.postedSen ?? 0n),
      outHeldSen: String(out?.pendingCreditSen ?? 0n),
      inSen: String(incoming?.postedSen ?? 0n),
    },
    network,
    processes: processes.map(({ id, kind, heartbeat_at, restriction_version }) => ({
      id,
      kind,
      isSilent: nowMs - heartbeat_at.getTime() > SILENT_MS,
      heartbeatAtMs: heartbeat_at.getTime(),
      isCurrent: restriction_version >= version,
    })),
    alarms: alarms.map(({ at, kind, subject, data }) => ({
      atMs: at.getTime(),
      kind,
      subject,
      data: JSON.parse(data) as unknown,
    })),
  };
}

/** The state of a row comes from the restriction set, never from a person. */
function rowState(
  input: ConsoleInput,
  row: { readonly rail: string; readonly direction: string; readonly successBps?: number },
): string {
  const touching = input.holder
    .current()
    .restrictions.filter(
      ({ scope }) =>
        (scope.rail === undefined || scope.rail === row.rail) &&
        (scope.direction === undefined || scope.direction === row.direction),
    );
  if (touching.some(({ admission }) => admission !== undefined)) return 'recovering';
  if (
    touching.some(
      (restriction) => restriction.action.kind === 'stop' && !isNarrow(restriction.scope),
    )
  )
    return 'stopped';
  if (touching.length > 0) return 'limited';
  return row.successBps !== undefined && row.successBps < 9_500 ? 'watched' : 'normal';
}

/** Restrictions in force and lately lifted. */
export async function readRestrictions(input: ConsoleInput, language: Language): Promise<unknown> {
  const [rows, text] = await Promise.all([
    store.listRestrictions(input.db),
    store.selectHarm(input.db),
  ]);
  const meter = text === undefined ? undefined : (JSON.parse(text) as StoredHarm);
  return {
    atMs: input.time.now(),
    restrictions: rows.map(({ body, state, changed_at, placed_name, stop_reason }) => {
      const restriction = JSON.parse(body) as Restriction;
      return {
        ...restriction,
        state,
        changedAtMs: changed_at.getTime(),
        scopeText: scopeText(restriction.scope),
        placedName: placed_name,
        stopReason: stop_reason,
        explained: input.explain(restriction, language),
        harm: state === 'lifted' ? null : harmOf(restriction.id, meter),
      };
    }),
  };
}

/** What a person is shown of the meter. */
function harmOf(id: string, meter: StoredHarm | undefined): unknown {
  const harm = meter?.harm[id];
  if (!harm) return null;
  const { good, goodSen, suspect, unproven, sinceMs } = harm;
  return { good, goodSen, suspect, unproven, sinceMs, proposal: meter.proposals[id] ?? null };
}

/** Releases with their stages, verdicts and the numbers behind them. `youMay` says why you cannot approve your own. */
export async function readReleases(input: ConsoleInput, staffId: string): Promise<unknown> {
  const rows = await store.listReleases(input.db);
  const stages = await store.listStages(
    input.db,
    rows.map(({ id }) => id),
  );
  return {
    atMs: input.time.now(),
    releases: rows.map((row) => ({
      id: row.id,
      target: row.target,
      state: row.state,
      note: row.note,
      plan: JSON.parse(row.plan) as ReleasePlan,
      proposed: { by: row.proposed_by, name: row.proposed_name, atMs: row.proposed_at.getTime() },
      approved:
        row.approved_by === null
          ? null
          : { by: row.approved_by, name: row.approved_name, atMs: row.approved_at?.getTime() },
      youMay:
        row.state !== 'proposed' ? 'nothing' : row.proposed_by === staffId ? 'withdraw' : 'approve',
      stages: stages
        .filter(({ release_id }) => release_id === row.id)
        .map(({ stage, name, started_at, ended_at, verdict, evidence }) => ({
          stage,
          name,
          startedAtMs: started_at.getTime(),
          endedAtMs: ended_at?.getTime() ?? null,
          verdict,
          evidence: JSON.parse(evidence) as unknown,
        })),
    })),
  };
}

/** Incidents, breaks, payments for review and drill results. */
export async function readIncidents(input: ConsoleInput, staffId: string): Promise<unknown> {
  const [incidents, breaks, reviews, drills] = await Promise.all([
    store.listIncidents(input.db),
    store.listBreaks(input.db),
    store.listReviews(input.db),
    store.listDrills(input.db),
  ]);
  return {
    atMs: input.time.now(),
    incidents: incidents.map((row) => ({
      id: row.id,
      kind: row.kind,
      rail: row.rail,
      restrictionId: row.restriction_id,
      openedAtMs: row.opened_at.getTime(),
      containedAtMs: row.contained_at?.getTime() ?? null,
      closedAtMs: row.closed_at?.getTime() ?? null,
      facts: JSON.parse(row.facts) as unknown,
      closing:
        row.asked_at === null
          ? null
          : {
              cause: row.cause,
              remedy: row.remedy,
              reference: row.reference,
              askedBy: row.asked_name,
              isYou: row.asked_by === staffId,
              askedAtMs: row.asked_at.getTime(),
            },
    })),
    breaks: breaks.map(
      ({ id, kind, rail, biz_msg_idr, amount_sen, detail, opened_at, closed_at }) => ({
        id,
        kind,
        rail,
        bizMsgIdr: biz_msg_idr,
        amountSen: String(amount_sen),
        detail,
        openedAtMs: opened_at.getTime(),
        closedAtMs: closed_at?.getTime() ?? null,
      }),
    ),
    reviews: reviews.map(({ id, kind, amount_sen, made_at, resolve_by, biz_msg_idr }) => ({
      id,
      kind,
      amountSen: String(amount_sen),
      madeAtMs: made_at.getTime(),
      resolveByMs: resolve_by?.getTime() ?? null,
      bizMsgIdr: biz_msg_idr,
    })),
    drills: drills.map(({ id, name, seed, scorecard, ran_at }) => ({
      id,
      name,
      seed,
      ranAtMs: ran_at.getTime(),
      scorecard: JSON.parse(scorecard) as unknown,
    })),
  };
}

/** The rows behind a number of the board. */
export async function readPayments(
  input: ConsoleInput,
  query: { readonly kind?: string; readonly state?: string; readonly beforeMs?: number },
): Promise<unknown> {
  const rows = await store.listPayments(input.db, {
    kind: query.kind ?? null,
    state: query.state ?? null,
    beforeMs: query.beforeMs ?? input.time.now() + 1,
  });
  return {
    payments: rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      channel: row.channel,
      state: row.state,
      amountSen: String(row.amount_sen),
      debitAccount: maskAccount(row.debit_account),
      bank: row.counterparty_bank,
      outcomeCode: row.outcome_code,
      bizMsgIdr: row.biz_msg_idr,
      madeAtMs: row.made_at.getTime(),
    })),
  };
}
