/** What people asked for: stop requests of staff, and stop buttons pressed at a gateway. Tightening needs one person. */
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import { readScope } from '../gate/read.ts';
import type { ReasonClass, Restriction, Scope } from '../gate/restriction.ts';
import { covers, isNarrow } from '../gate/scope.ts';
import { parseJson } from '../kernel/wire.ts';
import { manualRestriction } from './contain.ts';
import { idMaker, type Reign } from './context.ts';
import type { Seen } from './see.ts';
import { markStopDone } from './store.ts';

/** Reasons that a person may name in front of a stop. Maintenance is not among them: a stop in a hurry is never planned work. */
const CLASSES: readonly string[] = ['technical', 'partner', 'exercise'];

interface Asked {
  readonly reign: Reign;
  readonly tx: Tx;
  readonly seen: Seen;
}

/** Staff ask, the guard acts: tightening needs one person and no second look (I5). A request that names no scope is refused, and a narrow
 * one for which the set has no room; a whole rail that is stopped already answers with the restriction that stands. */
export async function takeRequests(
  { reign, tx, seen }: Asked,
  { takes, active }: { readonly takes: Takes; readonly active: readonly Restriction[] },
): Promise<{ readonly made: readonly Restriction[]; readonly refused: number }> {
  const made: Restriction[] = [];
  let refused = 0;
  for (const request of seen.requests) {
    const scope = readScope(parseJson(request.scope));
    const wanted = scope && wantedOf({ reign, request, scope, nowMs: seen.nowMs });
    const standing =
      wanted && !isNarrow(wanted.scope) ? stopOf(wanted, [...active, ...made]) : undefined;
    const isPlaced = wanted !== undefined && standing === undefined && takes(wanted);
    const restrictionId = standing?.id ?? (isPlaced ? wanted.id : null);
    if (!(await markStopDone(tx, { id: request.id, restrictionId, nowMs: seen.nowMs }))) continue;
    if (isPlaced) made.push(wanted);
    if (restrictionId !== null) continue;
    if (wanted) refused++;
    await recordEvents(tx, [
      {
        atMs: seen.nowMs,
        kind: 'stop.refused',
        subject: request.id,
        data: { by: request.asked_by, why: wanted ? 'set_full' : 'malformed_scope' },
      },
    ]);
  }
  return { made, refused };
}

/** True when the set has room for it; then the room is taken. */
type Takes = (restriction: Restriction) => boolean;

function wantedOf(of: {
  readonly reign: Reign;
  readonly request: Seen['requests'][number];
  readonly scope: Scope;
  readonly nowMs: number;
}): Restriction {
  const { reign, request, scope, nowMs } = of;
  return manualRestriction({
    id: idMaker(reign.input)('rst'),
    scope,
    reasonClass: reasonClassOf(request.reason),
    by: request.asked_by,
    evidence: [request.id],
    nowMs,
    numbers: reign.numbers,
  });
}

/** What a person stopped already, by the same word, and nobody admits past. An automatic one may be judged otherwise: it does not stand for a
 * person's. */
function stopOf(
  { scope, reasonClass }: Restriction,
  active: readonly Restriction[],
): Restriction | undefined {
  return active.find(
    (one) =>
      !one.isAutomatic &&
      one.admission === undefined &&
      one.action.kind === 'stop' &&
      one.reasonClass === reasonClass &&
      covers({ outer: one.scope, inner: scope }),
  );
}

/** `technical: hub is slow` names its class; anything else is a containment, the word that can hide nothing. */
export function reasonClassOf(reason: string): ReasonClass {
  const word = reason.split(':', 1)[0]!.trim().toLowerCase();
  return reason.includes(':') && CLASSES.includes(word) ? (word as ReasonClass) : 'containment';
}

/** A stop button pressed at a gateway becomes a restriction with the latch's id, so that every process and face knows it. */
export function latchRestrictions({ reign, seen }: Omit<Asked, 'tx'>): readonly Restriction[] {
  return seen.entries.flatMap(({ body, partition, position }) =>
    body.kind !== 'latched'
      ? []
      : [
          manualRestriction({
            id: body.latchId,
            scope: { rail: body.rail, direction: body.direction },
            reasonClass: reasonClassOf(body.reason),
            by: body.staffId,
            evidence: [`${partition}#${position}`],
            nowMs: seen.nowMs,
            numbers: reign.numbers,
          }),
        ],
  );
}
