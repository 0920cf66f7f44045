/** The incident record: one set of facts that drives notices, deadlines and reports. Facts are added, never edited by hand;
 * `facts` is the JSON of the `incident` row. Pure. */
import type { Restriction } from '../gate/restriction.ts';
import type { Break } from '../reconcile/match.ts';
import { deadlinesOf, PROFILES_VERSION, type Classification, type Deadline } from './deadline.ts';

/** Message ids kept in the record; the breaks hold all. */
const EVIDENCE_MAX = 200;
/** From this loss on an incident counts as significant for OJK (R5): Rp1 bn, our own threshold until the bank sets one. */
const SIGNIFICANT_SEN = 100_000_000_000n;

export interface IncidentFacts {
  readonly classification: Classification;
  readonly confidence: 'SUSPECTED' | 'CONFIRMED';
  readonly profilesVersion: number;
  /** The earliest proven bad event. */
  readonly occurredAtMs: number;
  readonly detectedAtMs: number;
  readonly containedAtMs?: number;
  readonly services: readonly string[];
  readonly restrictionIds: readonly string[];
  readonly transactionCount: number;
  /** Settled or sent without ledger authorisation, sen as decimal text. */
  readonly valueAtRiskSen: string;
  /** Of it, settled: lost until a recall is confirmed. */
  readonly valueLostSen: string;
  readonly suspectedCause: string;
  readonly containment: readonly { readonly atMs: number; readonly what: string }[];
  readonly connectors: readonly string[];
  readonly banks: readonly string[];
  readonly evidence: readonly string[];
  readonly deadlines: readonly Deadline[];
  /** Highest reminder told per `profile step`. */
  readonly reminded: Readonly<Record<string, number>>;
  /** When the first-notice draft was ready to send. */
  readonly draftReadyAtMs: number;
  readonly nextUpdateAtMs: number;
}

const CAUSE: Readonly<Record<string, string>> = {
  never_issued: 'instructions with identifiers that the bank never issued',
  foreign_connector: "a connector that is not the bank's sent instructions in its name",
  intent_without_authorisation: 'instructions signed without a ledger debit',
  settled_twice: 'one instruction settled more than once',
};

/** Opens a record at containment. */
export function openIncident(input: {
  readonly proof: readonly Break[];
  readonly restrictions: readonly Restriction[];
  readonly services: readonly string[];
  readonly nowMs: number;
  readonly nextUpdateAtMs: number;
}): IncidentFacts {
  const classification: Classification = {
    types: ['FRAUD', 'CYBER'],
    rail: 'BIFAST',
    isSignificant: false,
    isPersonalDataBreach: false,
    isVitalInfrastructure: true,
  };
  const first = input.proof[0];
  const empty: IncidentFacts = {
    classification,
    confidence: 'SUSPECTED',
    profilesVersion: PROFILES_VERSION,
    occurredAtMs: Math.min(input.nowMs, ...input.proof.map(({ occurredAtMs }) => occurredAtMs)),
    detectedAtMs: input.nowMs,
    services: input.services,
    restrictionIds: [],
    transactionCount: 0,
    valueAtRiskSen: '0',
    valueLostSen: '0',
    suspectedCause:
      (first && CAUSE[first.reason]) ?? 'settlement that the ledger did not authorise',
    containment: [],
    connectors: [],
    banks: [],
    evidence: [],
    deadlines: deadlinesOf(classification, input.nowMs),
    reminded: {},
    draftReadyAtMs: input.nowMs,
    nextUpdateAtMs: input.nextUpdateAtMs,
  };
  return addEvidence(empty, input);
}

/** Joins new proof and restrictions to a record; a loss that grows may start further clocks, counted from awareness. */
export function addEvidence(
  facts: IncidentFacts,
  input: {
    readonly proof: readonly Break[];
    readonly restrictions: readonly Restriction[];
    readonly nowMs: number;
  },
): IncidentFacts {
  const settled = input.proof.filter(({ lineId }) => lineId !== undefined);
  const fresh = input.proof.filter(({ isSettledIntent }) => !isSettledIntent);
  const atRisk = BigInt(facts.valueAtRiskSen) + sum(fresh);
  const classification = {
    ...facts.classification,
    isSignificant: facts.classification.isSignificant || atRisk >= SIGNIFICANT_SEN,
  };
  return {
    ...facts,
    classification,
    occurredAtMs: Math.min(
      facts.occurredAtMs,
      ...input.proof.map(({ occurredAtMs }) => occurredAtMs),
    ),
    restrictionIds: unique([...facts.restrictionIds, ...input.restrictions.map(({ id }) => id)]),
    transactionCount: facts.transactionCount + fresh.length,
    valueAtRiskSen: String(atRisk),
    valueLostSen: String(BigInt(facts.valueLostSen) + sum(settled)),
    containment: [
      ...facts.containment,
      ...input.restrictions.map(({ id, scope, level }) => ({
        atMs: input.nowMs,
        what: `restriction ${id} L${level} ${JSON.stringify(scope)}`,
      })),
    ],
    connectors: unique([
      ...facts.connectors,
      ...input.proof.flatMap(({ connector }) => (connector ? [connector] : [])),
    ]),
    banks: unique([...facts.banks, ...input.proof.map(({ bank }) => bank)]),
    evidence: unique([...facts.evidence, ...input.proof.map(({ bizMsgIdr }) => bizMsgIdr)]).slice(
      0,
      EVIDENCE_MAX,
    ),
    deadlines: deadlinesOf(classification, facts.detectedAtMs),
  };
}

/** Notes something that was done, e.g. the hub's confirmation. */
export function addContainment(
  facts: IncidentFacts,
  done: { readonly atMs: number; readonly what: string },
): IncidentFacts {
  return { ...facts, containment: [...facts.containment, done] };
}

function sum(found: readonly Break[]): bigint {
  return found.reduce((all, { amountSen }) => all + amountSen, 0n);
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
