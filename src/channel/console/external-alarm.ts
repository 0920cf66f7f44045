/** What a network, the regulator or another bank told us by telephone or mail: staff write it down, which starts D23's clock, and somebody who
 * has read it acknowledges it, which ends the clock and lifts nothing. Each is an event with who. */
import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { recordEvents } from '../../audit/record.ts';
import { externalDetector } from '../../guard/detector/d23-external.ts';
import { listed, type FlowNumbers } from '../../guard/flow/detector.ts';
import { numbersOf } from '../../guard/flow/setting.ts';
import { loadNumbers } from '../../guard/load.ts';
import { raiseByStaff } from '../../incident/external-alarm.ts';
import { sendProblem } from '../session/problem.ts';
import { sessionOf } from '../session/require.ts';
import type { ConsoleInput } from './port.ts';
import { acknowledgeExternalAlarm, listExternalAlarms } from '../../incident/store-external.ts';
import { CONSOLE_WORDS, EXTERNAL_WORDS } from './words.ts';

const strict = { additionalProperties: false } as const;
const RaiseBody = Type.Object(
  {
    source: Type.Union([
      Type.Literal('switch'),
      Type.Literal('regulator'),
      Type.Literal('bank'),
      Type.Literal('partner'),
      Type.Literal('customer'),
    ]),
    /** Theirs; never a name or a number of an account. */
    reference: Type.String({ pattern: '^[A-Za-z0-9/._-]{3,60}$' }),
    rail: Type.Union([
      Type.Literal('bifast'),
      Type.Literal('switch'),
      Type.Literal('qris'),
      Type.Literal('biller'),
    ]),
  },
  strict,
);
const AlarmParams = Type.Object(
  { id: Type.String({ pattern: '^xal_[0-9A-Za-z]{1,60}$' }) },
  strict,
);
/** Who may tighten may also say that they have read. */
const MAY_TELL = new Set(['operator', 'risk', 'admin']);
/** A page asks every two seconds. */
const READ_LIMIT = { max: 120, timeWindow: 60_000 };
const rateLimit = { max: 20, timeWindow: 60_000 };

/** Puts the routes on an `app` whose requests have a session of staff. */
export function registerExternalAlarms(
  app: FastifyInstance,
  input: Pick<ConsoleInput, 'db' | 'time' | 'random'>,
): void {
  const { db, time, random } = input;
  app.addHook('preHandler', async (request, reply) => {
    const { role, language } = sessionOf(request);
    if (request.method === 'GET' || MAY_TELL.has(role ?? '')) return undefined;
    const { status, [language]: said } = CONSOLE_WORDS.not_allowed;
    return sendProblem(reply, { status, code: 'not_allowed', ...said });
  });
  app.get('/external-alarms', { config: { rateLimit: READ_LIMIT } }, async () => {
    const { throttleMs = 0, stopMs = 0 } = await clockOf({ db, time });
    return (await listExternalAlarms(db)).map(
      ({ raised_at, raised_name, is_partners, ...alarm }) => ({
        ...alarm,
        raisedAtMs: raised_at.getTime(),
        throttleAtMs: raised_at.getTime() + throttleMs,
        stopAtMs: is_partners ? null : raised_at.getTime() + stopMs,
        raisedBy: raised_name,
      }),
    );
  });
  app.post(
    '/external-alarms',
    { schema: { body: RaiseBody }, config: { rateLimit } },
    async (request, reply) => {
      const { source, reference, rail } = request.body as Static<typeof RaiseBody>;
      const staffId = sessionOf(request).subject;
      const alarm = { source, reference, rail, staffId };
      const { isNew, id } = await raiseByStaff({ db, time, random }, alarm);
      return reply.code(isNew ? 201 : 200).send({ id });
    },
  );
  app.post(
    '/external-alarms/:id/acknowledge',
    { schema: { params: AlarmParams }, config: { rateLimit } },
    async (request, reply) => {
      const { id } = request.params as Static<typeof AlarmParams>;
      const { subject: staffId, language } = sessionOf(request);
      const nowMs = time.now();
      const isDone = await db.tx(async (tx) => {
        if (!(await acknowledgeExternalAlarm(tx, { id, staffId, nowMs }))) return false;
        await recordEvents(tx, [
          {
            atMs: nowMs,
            kind: 'external_alarm.acknowledged',
            subject: id,
            data: { by: staffId },
          },
        ]);
        return true;
      });
      const { status, [language]: said } = EXTERNAL_WORDS.not_open;
      return isDone
        ? reply.code(204).send()
        : sendProblem(reply, { status, code: 'not_open', ...said });
    },
  );
}

/** D23's clock as it is in force. */
async function clockOf(input: Pick<ConsoleInput, 'db' | 'time'>): Promise<FlowNumbers> {
  return numbersOf(listed(externalDetector), (await loadNumbers(input)).flow);
}
