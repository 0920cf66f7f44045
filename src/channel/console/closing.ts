/** Closing an incident in the console: a report by one person, agreed to by another, each with the password typed now. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { Type, type Static } from 'typebox';
import { agreeClosing, askClosing, type ClosingResult } from '../../incident/closing.ts';
import { sendProblem } from '../session/problem.ts';
import { sessionOf } from '../session/require.ts';
import { CLOSING_WORDS } from './closing-words.ts';
import type { ConsoleInput } from './port.ts';
import { refuse } from './refuse.ts';
import type { Language } from './words.ts';

const strict = { additionalProperties: false } as const;
const Password = Type.String({ minLength: 1, maxLength: 200 });
const Text = Type.String({ minLength: 20, maxLength: 2_000 });
const Params = Type.Object({ id: Type.String({ pattern: '^inc_[0-9A-Za-z_]{1,60}$' }) }, strict);
const AskBody = Type.Object(
  {
    cause: Text,
    remedy: Text,
    reference: Type.String({ pattern: '^[A-Za-z0-9/._-]{3,60}$' }),
    password: Password,
  },
  strict,
);
const AgreeBody = Type.Object(
  { askedAtMs: Type.Integer({ minimum: 0 }), password: Password },
  strict,
);
const config = { rateLimit: { max: 20, timeWindow: 60_000 } };

/** Puts `/incidents/:id/closing` and `/incidents/:id/closing/agree` on `app`; `mayClose` says which roles may act. */
export function registerClosing(
  app: FastifyInstance,
  input: Pick<ConsoleInput, 'db' | 'time'> & {
    readonly access: Pick<ConsoleInput['access'], 'openStaffKey'>;
  },
  mayClose: ReadonlySet<string>,
): void {
  app.post(
    '/incidents/:id/closing',
    { schema: { params: Params, body: AskBody }, config },
    async (request, reply) => {
      const { subject: staffId, role, language } = sessionOf(request);
      if (!mayClose.has(role ?? '')) return refuse(reply, { code: 'not_allowed', language });
      const { id: incidentId } = request.params as Static<typeof Params>;
      const { password, ...report } = request.body as Static<typeof AskBody>;
      if ((await input.access.openStaffKey({ staffId, password })) === undefined)
        return refuse(reply, { code: 'password_wrong', language, field: 'password' });
      return answer(reply, await askClosing(input, { incidentId, staffId, report }), language);
    },
  );
  app.post(
    '/incidents/:id/closing/agree',
    { schema: { params: Params, body: AgreeBody }, config },
    async (request, reply) => {
      const { subject: staffId, role, language } = sessionOf(request);
      if (!mayClose.has(role ?? '')) return refuse(reply, { code: 'not_allowed', language });
      const { id: incidentId } = request.params as Static<typeof Params>;
      const { password, askedAtMs } = request.body as Static<typeof AgreeBody>;
      if ((await input.access.openStaffKey({ staffId, password })) === undefined)
        return refuse(reply, { code: 'password_wrong', language, field: 'password' });
      return answer(reply, await agreeClosing(input, { incidentId, staffId, askedAtMs }), language);
    },
  );
}

function answer(reply: FastifyReply, result: ClosingResult, language: Language): FastifyReply {
  if (result.ok) return reply.send({ said: result.state });
  const words = CLOSING_WORDS[result.reason];
  return sendProblem(reply, { status: 409, code: result.reason, ...words[language] });
}
