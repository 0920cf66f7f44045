/** Holds the current restriction set of one process: in memory compiled, on disk signed (T12: it survives restart, guard and
 * database). A process that never had a set, or has not heard of the guard for too long, falls back to a stated posture per
 * rail, and counts it (I8, T13, T16). */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { KeyObject } from 'node:crypto';
import type { Log } from '../kernel/log.ts';
import type { Time } from '../kernel/time.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { parseJson } from '../kernel/wire.ts';
import { compileSet, decide } from './decide.ts';
import type { FlowFacts, GateDecision, RestrictionHolder, StaffRoster } from './port.ts';
import { EMPTY_SET, type Restriction, type RestrictionSet, type SignedSet } from './restriction.ts';
import { openSet, refuseSet, tighten } from './set.ts';

/** No word from the guard for so long stops what leaves the bank (D9; DESIGN.md section 5). */
export const DEAD_MAN_MS = 30 * 60_000;
/** Without protection, on-us transfers go on up to this amount: money does not leave the bank. */
export const BLIND_ONUS_CAP_SEN = 1_000_000_000n;

/** Refused sets with something stricter in them that are kept; each stands for a change of the restrictions. */
const KEPT_MAX = 200;

/** What metrics and alarms need to know of a holder. */
export interface HolderState {
  readonly version: number;
  readonly heardAtMs: number | undefined;
  readonly isBlind: boolean;
  /** Flows that passed or were refused by posture alone since start. */
  readonly blindCount: number;
}

/** Opens the holder on `file`; a file that is not the guard's word counts as none. */
export function openHolder(input: {
  readonly file: string;
  /** The guard's public set key. */
  readonly key: KeyObject;
  readonly roster: StaffRoster;
  readonly time: Time;
  readonly log: Log;
}): RestrictionHolder & { state(): HolderState } {
  const { file, key, roster, time, log } = input;
  const saved = load(input);
  let kept: Kept | undefined = saved?.kept;
  let set = saved?.set ?? EMPTY_SET;
  let compiled = compileSet(set);
  let heardAtMs = saved?.heardAtMs;
  let blindCount = 0;
  const hold = (next: RestrictionSet): void => {
    set = next;
    compiled = compileSet(next);
    for (const hear of hearers) hear(next);
  };
  /** On disk before it counts: what cannot be written was not heard. */
  const keep = (next: Saved): void => {
    save(file, next);
    kept = next;
    heardAtMs = next.heardAtMs;
  };
  /** A looser set is not taken, but what is stricter in it counts. */
  const takeStricter = (signed: SignedSet, next: RestrictionSet): void => {
    const tight = tighten({ current: set, next, roster, nowMs: time.now() });
    if (canonicalJson(tight) === canonicalJson(set)) return;
    const refused = [...(kept?.refused ?? []), signed].slice(-KEPT_MAX);
    keep({ signed: kept?.signed, refused, heardAtMs });
    hold(tight);
  };
  const hearers: ((set: RestrictionSet) => void)[] = [];
  const isBlind = (): boolean => heardAtMs === undefined || time.now() - heardAtMs > DEAD_MAN_MS;

  return {
    current: () => set,
    state: () => ({ version: set.version, heardAtMs, isBlind: isBlind(), blindCount }),
    onChange: (hear) => void hearers.push(hear),
    decide(facts) {
      const word = decide(compiled, facts);
      if (!isBlind()) return word;
      blindCount++;
      const posture = decideBlind(facts, heardAtMs);
      return posture.kind === 'allow' || word.kind === 'stop' ? word : posture;
    },
    async accept(signed) {
      const next = openSet(key, signed);
      if (!next) return { ok: false, reason: 'bad_signature' };
      if (next.version === set.version && next.epoch === set.epoch) {
        heardAtMs = time.now();
        return { ok: true, version: set.version };
      }
      const reason = refuseSet({ current: set, next, roster, nowMs: time.now() });
      if (reason) {
        log.warn({ version: next.version, reason }, 'restriction_set.refused');
        if (reason === 'looser_without_two_people') takeStricter(signed, next);
        return { ok: false, reason };
      }
      keep({ signed, refused: [], heardAtMs: time.now() });
      hold(next);
      log.info(
        { version: next.version, restrictions: next.restrictions.length },
        'restriction_set.accepted',
      );
      return { ok: true, version: next.version };
    },
  };
}

/** The posture without protection: nothing leaves the bank; on-us and incoming go on, on-us up to a cap. */
function decideBlind(facts: FlowFacts, heardAtMs: number | undefined): GateDecision {
  if (facts.direction === 'in') return { kind: 'allow' };
  const isOnus = facts.rail === 'onus';
  if (isOnus && facts.amountSen <= BLIND_ONUS_CAP_SEN) return { kind: 'allow' };
  const restriction = blindRestriction({ facts, sinceMs: heardAtMs ?? 0, isOnus });
  return isOnus
    ? { kind: 'cap', restriction, capSen: BLIND_ONUS_CAP_SEN }
    : { kind: 'stop', restriction };
}

function blindRestriction(input: {
  readonly facts: FlowFacts;
  readonly sinceMs: number;
  readonly isOnus: boolean;
}): Restriction {
  const { facts, sinceMs, isOnus } = input;
  return {
    id: `rst_blind_${facts.rail}`,
    scope: { rail: facts.rail, direction: 'out' },
    action: isOnus ? { kind: 'cap', amountSen: String(BLIND_ONUS_CAP_SEN) } : { kind: 'stop' },
    level: isOnus ? 2 : 3,
    reasonClass: 'technical',
    cause: 'protection_unreachable',
    evidence: [],
    placedBy: 'posture',
    isAutomatic: true,
    madeAtMs: sinceMs,
    reviewAtMs: sinceMs,
    nextUpdateAtMs: sinceMs,
    posture: isOnus
      ? { kind: 'open_with_cap', amountSen: String(BLIND_ONUS_CAP_SEN) }
      : { kind: 'closed' },
  };
}

/** The set that was taken, and later ones that were refused as looser but had something stricter in them, oldest first. */
interface Kept {
  readonly signed: SignedSet | undefined;
  readonly refused: readonly SignedSet[];
}

interface Saved extends Kept {
  readonly heardAtMs: number | undefined;
}

function load(
  input: Parameters<typeof openHolder>[0],
): { kept: Kept; set: RestrictionSet; heardAtMs: number | undefined } | undefined {
  if (!existsSync(input.file)) return undefined;
  const saved = parseJson(readFileSync(input.file)) as Partial<Saved> | undefined;
  const taken = saved?.signed === undefined ? EMPTY_SET : openSet(input.key, saved.signed);
  const later = (saved?.refused ?? []).map((signed) => openSet(input.key, signed));
  if (!saved || !taken || later.includes(undefined)) {
    input.log.error({}, 'restriction_set.unreadable');
    return undefined;
  }
  const nowMs = input.time.now();
  const set = (later as readonly RestrictionSet[]).reduce(
    (current, next) => tighten({ current, next, roster: input.roster, nowMs }),
    taken,
  );
  const { signed, refused = [], heardAtMs } = saved;
  return { kept: { signed, refused }, set, heardAtMs };
}

/** Write, flush, rename. */
function save(file: string, saved: Saved): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.next`;
  const handle = openSync(next, 'w', 0o600);
  try {
    writeSync(handle, JSON.stringify(saved));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, file);
}
