/** What the guard writes for people: the incident record, the public notice, their updates. All inside the caller's fenced
 * transaction, so that a restriction and its explanation become true together. */
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import type { Restriction } from '../gate/restriction.ts';
import { reminderOf } from '../incident/deadline.ts';
import { makeNotice, templateFor, type NoticeTemplate } from '../incident/notice.ts';
import {
  addContainment,
  addEvidence,
  openIncident,
  type IncidentFacts,
} from '../incident/record.ts';
import { openServices, SERVICES, touches } from '../incident/service.ts';
import {
  insertIncident,
  insertNotice,
  selectOpenIncidents,
  updateIncident,
} from '../incident/store.ts';
import { wibClock } from '../kernel/time.ts';
import type { Break } from '../reconcile/match.ts';
import { alarmKind, runbookOf } from './alarm.ts';
import type { HubWish } from './contain.ts';
import { idMaker, type GuardInput } from './context.ts';
import { readInForce } from './publish.ts';
import type { GuardNumbers } from './setting.ts';

const FRAUD = 'fraud';
const RAIL = 'bifast';

/** New proof that money left, and what was restricted for it. */
interface ProofWork {
  readonly input: GuardInput;
  readonly tx: Tx;
  readonly nowMs: number;
  readonly proof: readonly Break[];
  readonly placed: readonly Restriction[];
  readonly numbers: GuardNumbers;
}

/** Opens an incident for proof that money left, or joins it to the one whose restrictions still stand. Closing is for people:
 * the regulators' clocks run on after the service is back. The incident's id when there was proof. */
export async function noteProof(work: ProofWork): Promise<string | undefined> {
  const { tx, proof } = work;
  if (proof.length === 0) return undefined;
  const restrictions = work.placed.filter(({ isAutomatic }) => isAutomatic);
  const standing = new Set((await readInForce(tx)).map(({ id }) => id));
  const open = (await selectOpenIncidents(tx)).findLast(
    ({ kind, rail, facts }) =>
      kind === FRAUD &&
      rail === RAIL &&
      (JSON.parse(facts) as IncidentFacts).restrictionIds.some((id) => standing.has(id)),
  );
  return open ? growIncident(work, restrictions, open) : beginIncident(work, restrictions);
}

async function growIncident(
  { tx, nowMs, proof }: ProofWork,
  restrictions: readonly Restriction[],
  open: { readonly id: string; readonly facts: string },
): Promise<string> {
  const before = JSON.parse(open.facts) as IncidentFacts;
  const facts = addEvidence(before, { proof, restrictions, nowMs });
  await updateIncident(tx, { id: open.id, facts: JSON.stringify(facts), containedAtMs: null });
  await recordEvents(tx, [
    {
      atMs: nowMs,
      kind: 'incident.grew',
      subject: open.id,
      data: { transactions: facts.transactionCount, valueLostSen: facts.valueLostSen },
    },
  ]);
  return open.id;
}

async function beginIncident(
  { input, tx, nowMs, proof, numbers }: ProofWork,
  restrictions: readonly Restriction[],
): Promise<string> {
  const id = idMaker(input)('inc');
  const touched = SERVICES.filter((service) =>
    restrictions.some(({ scope }) => touches(service, scope) !== 'none'),
  );
  const facts = openIncident({
    proof,
    restrictions,
    services: touched.map(({ name }) => name.id),
    nowMs,
    nextUpdateAtMs: nowMs + numbers.contain.nextUpdateMs,
  });
  await insertIncident(tx, {
    id,
    kind: FRAUD,
    rail: RAIL,
    restrictionId: restrictions[0]?.id ?? null,
    nowMs,
    facts: JSON.stringify(facts),
  });
  await recordEvents(tx, [
    {
      atMs: nowMs,
      kind: 'incident.opened',
      subject: id,
      data: {
        transactions: facts.transactionCount,
        valueLostSen: facts.valueLostSen,
        deadlines: facts.deadlines.map(({ profile, step, dueMs }) => ({ profile, step, dueMs })),
      },
    },
    {
      atMs: nowMs,
      kind: 'incident.draft_ready',
      subject: id,
      data: { profile: 'BI-FAST-FRAUD', step: 'notify' },
    },
  ]);
  return id;
}

/** Every gateway holds the set and the hub confirmed: contained, at this instant, once. */
export async function noteContained(work: {
  readonly tx: Tx;
  readonly nowMs: number;
  readonly incidentId: string;
  readonly wishes: readonly HubWish[];
}): Promise<void> {
  const { tx, nowMs } = work;
  const open = (await selectOpenIncidents(tx)).find(({ id }) => id === work.incidentId);
  if (!open) return;
  let facts = JSON.parse(open.facts) as IncidentFacts;
  const known = new Set(facts.containment.map(({ what }) => what));
  for (const { action, target, doneAtMs } of work.wishes) {
    const what = `hub confirmed ${action} ${target}`;
    if (doneAtMs !== undefined && !known.has(what))
      facts = addContainment(facts, { atMs: doneAtMs, what });
  }
  facts = { ...facts, containedAtMs: facts.containedAtMs ?? nowMs };
  await updateIncident(tx, { id: open.id, facts: JSON.stringify(facts), containedAtMs: nowMs });
  await recordEvents(tx, [
    {
      atMs: nowMs,
      kind: 'incident.contained',
      subject: open.id,
      data: { afterMs: nowMs - facts.detectedAtMs },
    },
  ]);
}

/** The first public word about a restriction: at once, from the template of its reason. */
export async function publishFirstNotice(work: {
  readonly input: GuardInput;
  readonly tx: Tx;
  readonly nowMs: number;
  readonly restriction: Restriction;
  readonly incidentId?: string;
}): Promise<void> {
  await publishNotice({ ...work, template: templateFor(work.restriction.reasonClass, true) });
}

/** A stage of the return, or the return itself: told from the state, without anybody's words. */
export async function publishReturn(
  work: Omit<Parameters<typeof publishFirstNotice>[0], 'incidentId'> & {
    readonly template: 'recovery_stage' | 'recovered';
    readonly stages: number;
  },
): Promise<void> {
  const { restriction, nowMs } = work;
  await publishNotice({
    ...work,
    sinceMs: nowMs,
    extra: { stage: String((restriction.admission?.stage ?? 0) + 1), stages: String(work.stages) },
  });
}

/** The next word, at the promised time even without news. */
export async function publishUpdate(
  work: Omit<Parameters<typeof publishFirstNotice>[0], 'incidentId'>,
): Promise<void> {
  await publishNotice({ ...work, template: templateFor(work.restriction.reasonClass, false) });
}

async function publishNotice(
  work: Parameters<typeof publishFirstNotice>[0] & {
    readonly template: NoticeTemplate;
    readonly sinceMs?: number;
    readonly extra?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { input, tx, nowMs, restriction } = work;
  const services = SERVICES.filter((service) => touches(service, restriction.scope) !== 'none');
  const main =
    services.find((service) => touches(service, restriction.scope) === 'whole') ?? services[0];
  if (!main) return;
  const open = openServices((await readInForce(tx)).map(({ scope }) => scope));
  const list = (language: 'id' | 'en'): string =>
    open.map(({ name }) => name[language]).join(', ') || '–';
  const { params } = makeNotice({
    reasonClass: restriction.reasonClass,
    template: work.template,
    params: {
      ...work.extra,
      'service.id':
        services.length > 1 ? services.map(({ name }) => name.id).join(', ') : main.name.id,
      'service.en':
        services.length > 1 ? services.map(({ name }) => name.en).join(', ') : main.name.en,
      since: wibClock(work.sinceMs ?? restriction.madeAtMs),
      'open.id': list('id'),
      'open.en': list('en'),
      next: wibClock(restriction.nextUpdateAtMs),
      contact: input.contact,
    },
  });
  const id = idMaker(input)('ntc');
  await insertNotice(tx, {
    id,
    incidentId: work.incidentId ?? null,
    service: main.key,
    template: work.template,
    params: JSON.stringify(params),
    nowMs,
    nextUpdateAtMs: restriction.nextUpdateAtMs,
  });
  await recordEvents(tx, [
    {
      atMs: nowMs,
      kind: 'notice.published',
      subject: id,
      data: { service: main.key, template: work.template, restriction: restriction.id },
    },
  ]);
}

/** Tells each regulator's clock at 50, 80 and 100 percent, once each. */
export async function remindDeadlines(tx: Tx, nowMs: number): Promise<void> {
  for (const row of await selectOpenIncidents(tx)) {
    const facts = JSON.parse(row.facts) as IncidentFacts;
    const reminded: Record<string, number> = { ...facts.reminded };
    const told: { key: string; share: number; dueMs: number }[] = [];
    for (const { profile, step, dueMs } of facts.deadlines) {
      const key = `${profile} ${step}`;
      const share = reminderOf({ fromMs: facts.detectedAtMs, dueMs, nowMs });
      if (share <= (reminded[key] ?? 0)) continue;
      reminded[key] = share;
      told.push({ key, share, dueMs });
    }
    if (told.length === 0) continue;
    await updateIncident(tx, {
      id: row.id,
      facts: JSON.stringify({ ...facts, reminded }),
      containedAtMs: null,
    });
    await recordEvents(
      tx,
      told.map(({ key, share, dueMs }) => ({
        atMs: nowMs,
        kind: share >= 100 ? alarmKind('deadline_passed') : 'incident.deadline_near',
        subject: row.id,
        data: {
          clock: key,
          share,
          dueMs,
          ...(share >= 100
            ? { detector: 'guard', severity: 'P1', runbook: runbookOf('deadline_passed') }
            : {}),
        },
      })),
    );
  }
}
