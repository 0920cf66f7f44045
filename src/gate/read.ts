/** Reads scopes, actions, restrictions and sets from data that others wrote. Strict: an unknown name or a value of another form refuses
 * the whole, because a dimension that is not understood would widen a restriction, and an action that is not understood would weaken it.
 * Forms of earlier versions still read: they name less. Pure. */
import { canonicalJson } from '../kernel/canonical.ts';
import type {
  Restriction,
  RestrictionAction,
  RestrictionSet,
  Scope,
  SignedRelease,
} from './restriction.ts';
import { SCOPE_DIRECTIONS, SCOPE_RAILS } from './restriction.ts';
import { BUCKET_COUNT } from './scope.ts';

/** One list of a scope: a cohort or payees; more belong into several restrictions. */
export const MEMBERS_MAX = 1_000;
/** Combinations of a cohort and payees in one scope, which a process keeps an index of. */
const COMBINATIONS_MAX = 10_000;
/** Restrictions in one set. */
export const RESTRICTIONS_MAX = 5_000;
/** Categories hold prefixes, of which each is compared. */
const PREFIXES_MAX = 1_000;
/** Above it a throttle would bind nothing. */
const COUNT_MAX = 1_000_000;

type Check = (value: unknown) => boolean;
type Form = Readonly<Record<string, Check>>;

const matches =
  (form: RegExp): Check =>
  (value) =>
    typeof value === 'string' && form.test(value);
const isWhole =
  (from: number, to: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to;
const isOneOf =
  (words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value);
const isListOf =
  (check: Check, max: number): Check =>
  (value) =>
    Array.isArray(value) && value.length > 0 && value.length <= max && value.every(check);

const isSen = matches(/^\d{1,18}$/);
const isPositiveSen = matches(/^[1-9]\d{0,17}$/);
const isKey = matches(/^[A-Za-z0-9_-]{16}$/);
const isName = matches(/^[a-z0-9_]{1,40}$/);
const isBank = matches(/^[A-Z0-9]{8}$/);
const isTime = isWhole(0, Number.MAX_SAFE_INTEGER);

const SCOPE: Form = {
  rail: isOneOf(SCOPE_RAILS),
  direction: isOneOf(SCOPE_DIRECTIONS),
  channel: matches(/^[a-z_]{1,20}$/),
  bank: isBank,
  product: isName,
  account: matches(/^[A-Z0-9-]{1,34}$/),
  cohort: (value) => hasForm(value, { name: isName, payers: isListOf(isKey, MEMBERS_MAX) }),
  bucketFrom: isWhole(0, BUCKET_COUNT),
  bucketTo: isWhole(0, BUCKET_COUNT),
  payees: isListOf(isKey, MEMBERS_MAX),
  payeeCategory: (value) =>
    hasForm(value, { name: isName, payees: isListOf(isPrefix, PREFIXES_MAX) }),
  merchant: matches(/^[A-Z0-9]{1,15}$/),
  amountFromSen: isSen,
  amountToSen: isSen,
};

function isPrefix(value: unknown): boolean {
  return hasForm(value, { bank: isBank, accountPrefix: matches(/^[A-Z0-9-]{0,34}$/) });
}

/** A scope as a database, a console or another process wrote it; undefined when it is not one. */
export function readScope(value: unknown): Scope | undefined {
  if (!isRecord(value)) return undefined;
  for (const [name, part] of Object.entries(value))
    if (!Object.hasOwn(SCOPE, name) || !SCOPE[name]!(part)) return undefined;
  const scope = value as Scope; // every field was checked
  const combinations = (scope.cohort?.payers.length ?? 1) * (scope.payees?.length ?? 1);
  return combinations <= COMBINATIONS_MAX ? scope : undefined;
}

const ACTIONS: Readonly<Record<RestrictionAction['kind'], Form>> = {
  allow: {},
  step_up: {},
  throttle: { countPerMinute: isWhole(1, COUNT_MAX), amountSenPerMinute: isPositiveSen },
  cap: { amountSen: isSen },
  hold: {},
  stop: {},
};

/** An action from data; undefined when it is not one. A throttle names at least one bound. */
export function readAction(value: unknown): RestrictionAction | undefined {
  const kind = isRecord(value) ? value['kind'] : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(ACTIONS, kind)) return undefined;
  const form = ACTIONS[kind as RestrictionAction['kind']];
  const fields = Object.entries(value as object).filter(([name]) => name !== 'kind');
  if (!fields.every(([name, part]) => Object.hasOwn(form, name) && form[name]!(part)))
    return undefined;
  const isSaid =
    kind === 'throttle' ? fields.length > 0 : fields.length === Object.keys(form).length;
  return isSaid ? (value as RestrictionAction) : undefined;
}

const isCount = isWhole(0, Number.MAX_SAFE_INTEGER);
const ADMISSION: Form = {
  releaseId: (value) => typeof value === 'string',
  stage: isCount,
  bucketsBelow: isWhole(0, BUCKET_COUNT),
  staffOnly: (value) => typeof value === 'boolean',
  sinceMs: isTime,
};

/** Fields that a restriction must have; others are told and decide nothing. */
const RESTRICTION: Form = {
  id: matches(/^[A-Za-z0-9_-]{1,80}$/),
  scope: (value) => readScope(value) !== undefined,
  action: (value) => readAction(value) !== undefined,
  level: isWhole(0, 5),
  reasonClass: isOneOf(['containment', 'technical', 'partner', 'maintenance', 'exercise']),
  cause: (value) => typeof value === 'string',
  evidence: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
  placedBy: (value) => typeof value === 'string',
  isAutomatic: (value) => typeof value === 'boolean',
  madeAtMs: isTime,
  reviewAtMs: isTime,
  nextUpdateAtMs: isTime,
  posture: (value) =>
    hasForm(value, { kind: isOneOf(['closed']) }) ||
    hasForm(value, { kind: isOneOf(['open_with_cap']), amountSen: isSen }),
};

/** A restriction from data; undefined when it is not one. */
export function readRestriction(value: unknown): Restriction | undefined {
  if (!isRecord(value)) return undefined;
  for (const [name, check] of Object.entries(RESTRICTION))
    if (!check(value[name])) return undefined;
  const admission = value['admission'];
  if (admission !== undefined && !isAdmission(admission)) return undefined;
  return value as unknown as Restriction; // every field that decides was checked
}

/** The restriction without fields that nobody knows here. */
export function onlyRead(restriction: Restriction): Restriction {
  const fields = Object.entries(restriction).filter(
    ([name]) => Object.hasOwn(RESTRICTION, name) || name === 'admission',
  );
  return Object.fromEntries(fields) as unknown as Restriction; // every field that it must have was read
}

function isAdmission(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { capSen, ...rest } = value;
  return hasForm(rest, ADMISSION) && (capSen === undefined || isSen(capSen));
}

/** A set from data, whoever signed it; undefined when a part of it cannot be read. */
export function readSet(value: unknown): RestrictionSet | undefined {
  if (!isRecord(value)) return undefined;
  const { version, epoch, madeAtMs, restrictions, releases, partitions } = value;
  const isRead =
    [version, epoch, madeAtMs].every(isCount) &&
    Array.isArray(restrictions) &&
    restrictions.length <= RESTRICTIONS_MAX &&
    restrictions.every((one) => readRestriction(one) !== undefined) &&
    Array.isArray(releases) &&
    releases.every(isRelease) &&
    (partitions === undefined || isPartitions(partitions));
  return isRead ? (value as unknown as RestrictionSet) : undefined; // checked above
}

function isPartitions(value: unknown): boolean {
  const isPartition = matches(/^[a-z0-9-]{1,64}$/);
  const isNames: Check = (names) =>
    Array.isArray(names) && names.length <= MEMBERS_MAX && names.every(isPartition);
  const isLists: Check = (lists) =>
    Array.isArray(lists) && lists.length <= MEMBERS_MAX && lists.every(isNames);
  return hasForm(value, { names: isNames, before: isLists, sinceMs: isTime });
}

/** True for a release from data. What its plan means is checked with its signatures; here only that nothing breaks on reading it. */
export function isRelease(value: unknown): value is SignedRelease {
  if (!isRecord(value) || !isRecord(value['plan'])) return false;
  const { plan, signatures, state } = value;
  return (
    isOneOf(['active', 'completed', 'closed'])(state) &&
    Array.isArray(plan['stages']) &&
    plan['stages'].every(isRecord) &&
    (plan['narrowTo'] === undefined || readScope(plan['narrowTo']) !== undefined) &&
    typeof plan['releaseId'] === 'string' &&
    [plan['madeAtMs'], plan['startBeforeMs']].every(isTime) &&
    Array.isArray(signatures) &&
    signatures.every(
      (one) =>
        isRecord(one) && typeof one['staffId'] === 'string' && typeof one['signature'] === 'string',
    ) &&
    isSignable(plan)
  );
}

/** A fraction has no canonical form, and nobody can have signed it. */
function isSignable(value: unknown): boolean {
  try {
    return canonicalJson(value).length > 0;
  } catch {
    return false;
  }
}

function hasForm(value: unknown, form: Form): boolean {
  if (!isRecord(value)) return false;
  const names = Object.keys(form);
  return (
    Object.keys(value).length === names.length &&
    names.every((name) => Object.hasOwn(value, name) && form[name]!(value[name]))
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
