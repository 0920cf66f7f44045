/** What people asked for: stop requests of staff, and stop buttons pressed at a gateway. Tightening needs one person. */
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import { readScope } from '../gate/read.ts';
import type { ReasonClass, Restriction } from '../gate/restriction.ts';
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

/** Staff ask, the guard acts: tightening needs one person and no second look (I5). A request that names no scope is refused. */
export async function takeRequests({ reign, tx, seen }: Asked): Promise<readonly Restriction[]> {
  const made: Restriction[] = [];
  for (const request of seen.requests) {
    const scope = readScope(parseJson(request.scope));
    const id = scope ? idMaker(reign.input)('rst') : null;
    if (!(await markStopDone(tx, { id: request.id, restrictionId: id, nowMs: seen.nowMs })))
      continue;
    if (!scope || !id) {
      await recordEvents(tx, [
        {
          atMs: seen.nowMs,
          kind: 'stop.refused',
          subject: request.id,
          data: { by: request.asked_by, why: 'malformed_scope' },
        },
      ]);
      continue;
    }
    made.push(
      manualRestriction({
        id,
        scope,
        reasonClass: reasonClassOf(request.reason),
        by: request.asked_by,
        evidence: [request.id],
        nowMs: seen.nowMs,
        numbers: reign.numbers,
      }),
    );
  }
  return made;
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
