/** The console API: `/console/api/...`. Staff tighten alone and loosen in twos; every act is an event with who and why.
 * Errors are problem+json in the reader's language. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { createPrivateKey } from 'node:crypto';
import { recordEvents } from '../../audit/record.ts';
import { readScope } from '../../gate/read.ts';
import type { ReleasePlan, Scope } from '../../gate/restriction.ts';
import { signRelease } from '../../gate/set.ts';
import { newId } from '../../kernel/ids.ts';
import {
  approveRelease,
  proposeRelease,
  withdrawRelease,
  type AskRefusal,
  type AskResult,
} from '../../recovery/ask.ts';
import { makePlan } from '../../recovery/plan.ts';
import { recoveryNumbers } from '../../recovery/run.ts';
import { sendProblem } from '../session/problem.ts';
import {
  clearSessionCookie,
  readerLanguage,
  originOf,
  requireSession,
  sessionOf,
  setSessionCookie,
} from '../session/require.ts';
import { registerExternalAlarms } from './external-alarm.ts';
import { registerLiquidity } from './liquidity.ts';
import { registerMerchants } from './merchant.ts';
import { registerMerchantDesk } from './merchant-desk.ts';
import { registerMatch } from './match.ts';
import { registerClosing } from './closing.ts';
import type { ConsoleInput } from './port.ts';
import { readBoard, readIncidents, readPayments, readReleases, readRestrictions } from './read.ts';
import {
  ApproveBody,
  LanguageBody,
  PaymentsQuery,
  PreviewBody,
  ProposeBody,
  ReleaseParams,
  SignInBody,
  StopBody,
  type ApproveInput,
  type LanguageInput,
  type PaymentsInput,
  type PreviewInput,
  type ProposeInput,
  type ReleaseInput,
  type SignInInput,
  type StopInput,
} from './schema.ts';
import { findPlan, findStop, insertStop } from './store.ts';
import { refuse } from './refuse.ts';
import { registerRisk } from './risk.ts';
import { registerWithheld } from './withheld.ts';
import { ASK_WORDS, type Language } from './words.ts';

/** Who may tighten, and who may ask for and approve a release. */
const MAY_STOP = new Set(['operator', 'risk', 'admin']);
const MAY_RELEASE = new Set(['operator', 'risk', 'compliance']);
/** How long the answer to a stop waits for the guard, so that the page can say "in force". */
const STOP_WAIT_MS = 5_000;

/** Puts the console API on `app`. */
export async function registerConsole(app: FastifyInstance, input: ConsoleInput): Promise<void> {
  await app.register(
    async (scope) => {
      scope.setErrorHandler(
        async (
          error: Error & { validation?: readonly { instancePath?: string }[] },
          request,
          reply,
        ) => {
          if (error.validation)
            return refuse(reply, {
              code: 'malformed',
              language: readerLanguage(request),
              field: error.validation[0]?.instancePath?.slice(1),
            });
          input.log.error({ error: error.message, url: request.url }, 'console.failed');
          return refuse(reply, { code: 'internal', language: readerLanguage(request) });
        },
      );
      registerSignIn(scope, input);
      await scope.register(async (inner) => {
        inner.addHook('onRequest', requireSession(input.access, 'staff'));
        registerReads(inner, input);
        registerStop(inner, input);
        registerReleases(inner, input);
        registerWithheld(inner, input);
        registerRisk(inner, input);
        registerMatch(inner, input, MAY_RELEASE);
        registerClosing(inner, input, MAY_RELEASE);
        registerLiquidity(inner, input, MAY_RELEASE);
        registerMerchants(inner, input);
        registerMerchantDesk(inner, input);
        await inner.register(async (alarms) => registerExternalAlarms(alarms, input));
      });
    },
    { prefix: '/console/api' },
  );
}

function registerSignIn(app: FastifyInstance, input: ConsoleInput): void {
  app.post(
    '/session',
    { schema: { body: SignInBody }, config: { rateLimit: { max: 20, timeWindow: 60_000 } } },
    async (request, reply) => {
      const { username, password } = request.body as SignInInput;
      const device = request.headers['user-agent'] ?? '';
      const asked = { username, password, device, ...originOf(request) };
      const result = await input.access.signIn({ kind: 'staff', ...asked });
      if (!result.ok)
        return refuse(reply, { code: 'signin_refused', language: readerLanguage(request) });
      setSessionCookie(reply, {
        ...result,
        secure: input.secure,
        nowMs: input.time.now(),
      });
      return reply.send(sessionView(result.session));
    },
  );
}

function sessionView(session: {
  subject: string;
  name: string;
  role?: string;
  language: string;
  csrfToken: string;
  expiresAtMs: number;
}): unknown {
  const { subject, name, role, language, csrfToken, expiresAtMs } = session;
  return {
    staffId: subject,
    name,
    role,
    language,
    csrfToken,
    expiresAtMs,
    mayStop: MAY_STOP.has(role ?? ''),
    mayRelease: MAY_RELEASE.has(role ?? ''),
  };
}

function registerReads(app: FastifyInstance, input: ConsoleInput): void {
  app.get('/session', async (request) => sessionView(sessionOf(request)));
  app.delete('/session', async (request, reply) => {
    await input.access.signOut(sessionOf(request));
    clearSessionCookie(reply, { kind: 'staff', secure: input.secure });
    return reply.code(204).send();
  });
  app.put('/session/language', { schema: { body: LanguageBody } }, async (request, reply) => {
    await input.access.setLanguage(sessionOf(request), (request.body as LanguageInput).language);
    return reply.code(204).send();
  });
  app.get('/board', () => readBoard(input));
  app.get('/restrictions', (request) => readRestrictions(input, sessionOf(request).language));
  app.get('/releases', (request) => readReleases(input, sessionOf(request).subject));
  app.get('/incidents', (request) => readIncidents(input, sessionOf(request).subject));
  app.get('/payments', { schema: { querystring: PaymentsQuery } }, (request) =>
    readPayments(input, request.query as PaymentsInput),
  );
}

function registerStop(app: FastifyInstance, input: ConsoleInput): void {
  app.post('/preview', { schema: { body: PreviewBody } }, (request) =>
    input.preview({
      scope: (request.body as PreviewInput).scope as Scope,
      language: sessionOf(request).language,
    }),
  );
  app.post('/stops', { schema: { body: StopBody } }, async (request, reply) => {
    const session = sessionOf(request);
    const { scope, reason, confirm } = request.body as StopInput;
    if (!MAY_STOP.has(session.role ?? ''))
      return refuse(reply, { code: 'not_allowed', language: session.language });
    const preview = await input.preview({ scope: scope as Scope, language: session.language });
    if (preview.isWide && confirm !== confirmWord(scope as Scope)) {
      return refuse(reply, {
        code: 'confirm_needed',
        language: session.language,
        field: 'confirm',
        extra: { confirmWord: confirmWord(scope as Scope), preview },
      });
    }
    const nowMs = input.time.now();
    const id = newId('stp', nowMs, input.random);
    await input.db.tx(async (tx) => {
      await insertStop(tx, { id, scope: scope as Scope, reason, staffId: session.subject, nowMs });
      await recordEvents(tx, [
        {
          atMs: nowMs,
          kind: 'stop.asked',
          subject: id,
          data: { by: session.subject, scope, reason },
        },
      ]);
    });
    const restrictionId = await waitForStop(input, id);
    return reply.code(restrictionId ? 201 : 202).send({ id, restrictionId: restrictionId ?? null });
  });
}

const RAIL_WORDS: Readonly<Record<string, string>> = {
  bifast: 'BI-FAST',
  onus: 'SESAMA BANK',
  biller: 'TAGIHAN',
  switch: 'ONLINE',
  qris: 'QRIS',
};

/** What is typed to confirm a wide stop: `BI-FAST KELUAR`. */
function confirmWord(scope: Scope): string {
  const rail = RAIL_WORDS[scope.rail ?? ''] ?? 'SEMUA';
  return `${rail} ${scope.direction === 'in' ? 'MASUK' : 'KELUAR'}`;
}

/** The guard acts on the request; the page hears that it is in force, or that it is still on its way. */
async function waitForStop(input: ConsoleInput, id: string): Promise<string | undefined> {
  for (const endMs = input.time.now() + STOP_WAIT_MS; input.time.now() < endMs;) {
    const found = await findStop(input.db, id);
    if (found?.restriction_id) return found.restriction_id;
    await input.time.sleep(200);
  }
  return undefined;
}

function registerReleases(app: FastifyInstance, input: ConsoleInput): void {
  registerPropose(app, input);
  registerApprove(app, input);
  registerWithdraw(app, input);
}

function registerPropose(app: FastifyInstance, input: ConsoleInput): void {
  const { db, roster, time } = input;
  app.post(
    '/releases',
    { schema: { body: ProposeBody }, config: { rateLimit: { max: 20, timeWindow: 60_000 } } },
    async (request, reply) => {
      const session = sessionOf(request);
      if (!MAY_RELEASE.has(session.role ?? ''))
        return refuse(reply, { code: 'not_allowed', language: session.language });
      const { target, rootCause, consentReference, password, narrowTo } =
        request.body as ProposeInput;
      const scope = narrowTo === undefined ? undefined : readScope(narrowTo);
      if (narrowTo !== undefined && !scope)
        return refuse(reply, { code: 'malformed', language: session.language, field: 'narrowTo' });
      const nowMs = time.now();
      const plan = makePlan({
        releaseId: newId('rel', nowMs, input.random),
        // What the gateway itself holds is named as a latch, so that only the gateway's own check can lift it.
        target: /^(latch|qua)_/.test(target) ? { latchId: target } : { restrictionId: target },
        numbers: await db.tx((tx) => recoveryNumbers(tx, nowMs)),
        nowMs,
        ...(scope && { narrowTo: scope }),
      });
      const signature = await signAs(input, { staffId: session.subject, password, plan });
      if (!signature)
        return refuseAsk(reply, { reason: 'bad_signature', language: session.language });
      const note = `${rootCause} | consent ${consentReference}`;
      const result = await proposeRelease({
        db,
        roster,
        nowMs,
        staffId: session.subject,
        plan,
        signature,
        note,
      });
      return answerAsk(reply, { result, language: session.language, id: plan.releaseId });
    },
  );
}

function registerApprove(app: FastifyInstance, input: ConsoleInput): void {
  const { db, roster, time } = input;
  app.post(
    '/releases/:id/approve',
    {
      schema: { body: ApproveBody, params: ReleaseParams },
      config: { rateLimit: { max: 20, timeWindow: 60_000 } },
    },
    async (request, reply) => {
      const session = sessionOf(request);
      if (!MAY_RELEASE.has(session.role ?? ''))
        return refuse(reply, { code: 'not_allowed', language: session.language });
      const { id } = request.params as ReleaseInput;
      const text = await findPlan(db, id);
      if (!text) return refuseAsk(reply, { reason: 'not_found', language: session.language });
      const plan = JSON.parse(text) as ReleasePlan;
      const signature = await signAs(input, {
        staffId: session.subject,
        password: (request.body as ApproveInput).password,
        plan,
      });
      if (!signature)
        return refuseAsk(reply, { reason: 'bad_signature', language: session.language });
      const result = await approveRelease({
        db,
        roster,
        nowMs: time.now(),
        staffId: session.subject,
        releaseId: id,
        signature,
      });
      return answerAsk(reply, { result, language: session.language, id });
    },
  );
}

function registerWithdraw(app: FastifyInstance, input: ConsoleInput): void {
  const { db, roster, time } = input;
  app.post(
    '/releases/:id/withdraw',
    { schema: { params: ReleaseParams } },
    async (request, reply) => {
      const session = sessionOf(request);
      const { id } = request.params as ReleaseInput;
      const result = await withdrawRelease({
        db,
        roster,
        nowMs: time.now(),
        staffId: session.subject,
        releaseId: id,
      });
      return answerAsk(reply, { result, language: session.language, id });
    },
  );
}

/** The key is opened with the password typed now, signs this plan, and is forgotten. */
async function signAs(
  input: ConsoleInput,
  of: { readonly staffId: string; readonly password: string; readonly plan: ReleasePlan },
): Promise<string | undefined> {
  const pem = await input.access.openStaffKey({ staffId: of.staffId, password: of.password });
  return pem === undefined ? undefined : signRelease(createPrivateKey(pem), of.plan);
}

function answerAsk(
  reply: FastifyReply,
  of: { readonly result: AskResult; readonly language: Language; readonly id: string },
): FastifyReply {
  return of.result.ok
    ? reply.code(201).send({ id: of.id })
    : refuseAsk(reply, { reason: of.result.reason, language: of.language });
}

function refuseAsk(
  reply: FastifyReply,
  of: { readonly reason: AskRefusal; readonly language: Language },
): FastifyReply {
  const words = ASK_WORDS[of.reason];
  return sendProblem(reply, { status: words.status, code: of.reason, ...words[of.language] });
}
