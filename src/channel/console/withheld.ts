/** The queue of payments that wait for a person: one may give money back at once, two release it (I5). Many at once, for a false alarm:
 * each payment gets an answer of its own. */
import type { FastifyInstance } from 'fastify';
import { maskAccount } from '../../kernel/log.ts';
import type { ReviewResult, WithheldPort } from '../../payment/screening/withheld.ts';
import { sessionOf } from '../session/require.ts';
import type { ConsoleInput } from './port.ts';
import { refuse } from './refuse.ts';
import {
  WithheldQuery,
  WithheldRefuseBody,
  WithheldReleaseBody,
  type WithheldQueryInput,
  type WithheldRefuseInput,
  type WithheldReleaseInput,
} from './schema.ts';

const MAY_REFUSE = new Set(['operator', 'risk', 'compliance', 'admin']);
const MAY_RELEASE = new Set(['operator', 'risk', 'compliance']);
const RATE = { rateLimit: { max: 30, timeWindow: 60_000 } };

/** Puts the queue on the console API: `/withheld`, `/withheld/release`, `/withheld/refuse`. */
export function registerWithheld(
  app: FastifyInstance,
  input: Pick<ConsoleInput, 'withheld' | 'time'> & {
    readonly access: Pick<ConsoleInput['access'], 'openStaffKey'>;
  },
): void {
  const { withheld } = input;
  app.get('/withheld', { schema: { querystring: WithheldQuery } }, async (request) => {
    const { kind, restriction } = request.query as WithheldQueryInput;
    const rows = await withheld.list({ kind, restrictionId: restriction });
    const { subject } = sessionOf(request);
    return { atMs: input.time.now(), payments: rows.map((row) => showWaiting(row, subject)) };
  });
  app.post(
    '/withheld/release',
    { schema: { body: WithheldReleaseBody }, config: RATE },
    async (request, reply) => {
      const { subject, role, language } = sessionOf(request);
      const { ids, reason, password } = request.body as WithheldReleaseInput;
      if (!MAY_RELEASE.has(role ?? '')) return refuse(reply, { code: 'not_allowed', language });
      // Who sits down at an open console has no password.
      if ((await input.access.openStaffKey({ staffId: subject, password })) === undefined)
        return refuse(reply, { code: 'password_wrong', language, field: 'password' });
      return { results: await each(ids, { staffId: subject, reason, do: withheld.release }) };
    },
  );
  app.post(
    '/withheld/refuse',
    { schema: { body: WithheldRefuseBody }, config: RATE },
    async (request, reply) => {
      const { subject, role, language } = sessionOf(request);
      const { ids, reason } = request.body as WithheldRefuseInput;
      if (!MAY_REFUSE.has(role ?? '')) return refuse(reply, { code: 'not_allowed', language });
      return { results: await each(ids, { staffId: subject, reason, do: withheld.refuse }) };
    },
  );
}

/** One after the other: a fault in the middle leaves the rest as it was, and the same call goes on from there. */
async function each(
  ids: readonly string[],
  act: {
    readonly staffId: string;
    readonly reason: string;
    readonly do: WithheldPort['release'];
  },
): Promise<readonly unknown[]> {
  const results: unknown[] = [];
  for (const paymentId of ids) {
    const { staffId, reason } = act;
    const result: ReviewResult = await act.do({ paymentId, staffId, reason });
    results.push({ id: paymentId, said: result.ok ? result.state : result.reason });
  }
  return results;
}

function showWaiting(
  row: Awaited<ReturnType<WithheldPort['list']>>[number],
  staffId: string,
): unknown {
  return {
    id: row.id,
    kind: row.kind,
    channel: row.channel,
    amountSen: String(row.amount_sen),
    from: maskAccount(row.debit_account),
    to: maskAccount(row.credit_account),
    bank: row.counterparty_bank,
    madeAtMs: row.made_at.getTime(),
    endsAtMs: row.resolve_by.getTime(),
    reasons: row.reasons,
    restrictionId: row.restriction_id,
    asked:
      row.asked_by === null ? null : { reason: row.ask_reason, isYou: row.asked_by === staffId },
    past: {
      count: Number(row.past_count),
      maxSen: row.past_max_sen === null ? null : String(row.past_max_sen),
      toPayee: Number(row.payee_count),
    },
  };
}
