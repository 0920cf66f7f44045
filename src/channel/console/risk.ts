/** The rules of risk and the blocked list for staff: what each rule said lately, blocking by one person, lifting by two (I5). */
import type { FastifyInstance } from 'fastify';
import { sessionOf } from '../session/require.ts';
import type { ConsoleInput } from './port.ts';
import { refuse } from './refuse.ts';
import { BlockBody, LiftBody, type BlockInput, type LiftInput } from './schema.ts';

const MAY_BLOCK = new Set(['operator', 'risk', 'compliance', 'admin']);
const MAY_LIFT = new Set(['operator', 'risk', 'compliance']);
const RATE = { rateLimit: { max: 30, timeWindow: 60_000 } };
const DAY_MS = 86_400_000;

/** Puts them on the console API: `/risk`, `/risk/block`, `/risk/lift`. */
export function registerRisk(
  app: FastifyInstance,
  input: Pick<ConsoleInput, 'risk' | 'time'> & {
    readonly access: Pick<ConsoleInput['access'], 'openStaffKey'>;
  },
): void {
  const { risk, time } = input;
  app.get('/risk', async (request) => {
    const { subject, role } = sessionOf(request);
    const [report, blocks] = await Promise.all([risk.report(), risk.blocks()]);
    const nowMs = time.now();
    return {
      atMs: nowMs,
      ...report,
      mayBlock: MAY_BLOCK.has(role ?? ''),
      mayLift: MAY_LIFT.has(role ?? ''),
      blocks: blocks.map((row) => ({
        id: row.id,
        kind: row.kind,
        shown: row.shown,
        reason: row.reason,
        placedBy: row.placed_by,
        madeAtMs: row.made_at.getTime(),
        reviewAtMs: row.review_at.getTime(),
        isDue: row.review_at.getTime() <= nowMs,
        asked:
          row.asked_by === null
            ? null
            : { reason: row.ask_reason, isYou: row.asked_by === subject },
      })),
    };
  });
  app.post('/risk/block', { schema: { body: BlockBody }, config: RATE }, async (request, reply) => {
    const { subject, role, language } = sessionOf(request);
    if (!MAY_BLOCK.has(role ?? '')) return refuse(reply, { code: 'not_allowed', language });
    const { party, reason, reviewDays } = request.body as BlockInput;
    const reviewAtMs = time.now() + reviewDays * DAY_MS;
    const done = await risk.block({ party, reason, reviewAtMs, staffId: subject });
    return { said: done.ok ? 'blocked' : done.reason };
  });
  app.post('/risk/lift', { schema: { body: LiftBody }, config: RATE }, async (request, reply) => {
    const { subject, role, language } = sessionOf(request);
    if (!MAY_LIFT.has(role ?? '')) return refuse(reply, { code: 'not_allowed', language });
    const { id, reason, password } = request.body as LiftInput;
    // Who sits down at an open console has no password.
    if ((await input.access.openStaffKey({ staffId: subject, password })) === undefined)
      return refuse(reply, { code: 'password_wrong', language, field: 'password' });
    const done = await risk.lift({ blockId: id, staffId: subject, reason });
    return { said: done.ok ? done.state : done.reason };
  });
}
