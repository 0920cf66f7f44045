/** Akses pihak ketiga: what a partner asks for, in words; the customer's choice of accounts and time; the PIN; the list; the end.
 * Wire only: the state of a grant is the grant slice's. */
import { Type, type Static } from 'typebox';
import { listGrants, makeGrant, revokeGrant } from '../grant/make.ts';
import { parseIdr } from '../../kernel/money.ts';
import { GRANT_DAYS, movesMoney, type AccessScope, type DebitLimits } from '../grant/port.ts';
import * as schema from '../grant/schema.ts';
import { selectAsker, selectOwned } from '../grant/store.ts';
import type { Session } from '../session/access.ts';
import { sessionOf } from '../session/require.ts';
import { demandPin, PIN_RATE } from './consent.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import type { Scope } from './register.ts';
import { selectAccountNumbers } from './store.ts';
import { grantText, mayNotOf, mayOf, showGrant } from './third-party-words.ts';

const DAY_MS = 86_400_000;

/** Registers asking, agreeing, listing and revoking. */
export function registerThirdParty(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/third-parties/ask',
    { schema: { body: schema.AskBody, response: { 200: schema.AskAnswer } } },
    async (request) => showAsk(deps, { session: sessionOf(request), ...request.body }),
  );

  scope.post(
    '/third-parties/terms',
    { schema: { body: schema.TermsBody, response: { 200: schema.TermsAnswer } } },
    async (request) => {
      const { text, untilMs } = await termsOf(deps, sessionOf(request), request.body);
      return { text, untilMs };
    },
  );

  scope.post(
    '/third-parties',
    {
      schema: { body: schema.AgreeBody, response: { 200: schema.AgreeAnswer } },
      config: { rateLimit: PIN_RATE },
    },
    async (request) => {
      const session = sessionOf(request);
      const { text: shown, pin, state, ...chosen } = request.body;
      const { text, partnerName, limits } = await termsOf(deps, session, chosen);
      if (shown !== text) throw new Refused('terms_changed');
      await demandPin(deps, { session, pin });
      const { limits: _asWritten, ...agreed } = chosen;
      const { code } = await makeGrant(deps, {
        ...agreed,
        ...(limits && { limits }),
        partnerName,
        customerId: session.subject,
        sessionHash: session.tokenHash,
        device: session.device,
        textShown: text,
        language: session.language,
      });
      return { url: withQuery(chosen.redirectUrl, { authCode: code, state }) };
    },
  );

  scope.get(
    '/third-parties',
    { schema: { response: { 200: schema.GrantList } } },
    async (request) => {
      const { subject, language } = sessionOf(request);
      const grants = await listGrants(deps, subject);
      return {
        grants: grants.map((grant) => showGrant(grant, { language, nowMs: deps.time.now() })),
      };
    },
  );

  // No PIN: to take a permission back must never be hard.
  scope.post(
    '/third-parties/:id/revoke',
    {
      schema: {
        params: Type.Object(
          { id: Type.String({ maxLength: 40 }) },
          { additionalProperties: false },
        ),
      },
    },
    async (request, reply) => {
      const own = { id: request.params.id, customerId: sessionOf(request).subject };
      if (!(await revokeGrant(deps, own))) throw new Refused('not_found');
      return reply.code(204).send();
    },
  );
}

async function showAsk(
  deps: MobileDeps,
  input: Static<typeof schema.AskBody> & { readonly session: Session },
): Promise<Static<typeof schema.AskAnswer>> {
  const { session, scopes } = input;
  const asker = await selectAsker(deps.db, input);
  if (!asker) throw new Refused('partner_unknown');
  const isDebit = movesMoney(scopes);
  const numbers = await selectAccountNumbers(deps.db, session.subject);
  const accounts = [];
  for (const number of numbers) {
    const balance = await deps.balance(number);
    if (balance && balance.state !== 'closed') accounts.push({ number, name: balance.name });
  }
  const grants = await listGrants(deps, session.subject);
  return {
    partnerName: asker.name,
    may: [...mayOf(scopes, session.language)],
    mayNot: mayNotOf(scopes, session.language),
    isDebit,
    accounts,
    days: [...GRANT_DAYS],
    isReplacing: grants.some(
      (grant) => grant.partnerId === input.partnerId && grant.endedAtMs === undefined,
    ),
  };
}

async function termsOf(
  deps: MobileDeps,
  session: Session,
  chosen: Static<typeof schema.TermsBody>,
): Promise<{
  readonly text: string;
  readonly untilMs: number;
  readonly partnerName: string;
  readonly limits: DebitLimits | undefined;
}> {
  const asker = await selectAsker(deps.db, chosen);
  if (!asker) throw new Refused('partner_unknown');
  const owned = await selectOwned(deps.db, {
    customerId: session.subject,
    accounts: chosen.accounts,
  });
  if (owned.length !== chosen.accounts.length) throw new Refused('account_not_yours');
  const untilMs = deps.time.now() + chosen.days * DAY_MS;
  const scopes: readonly AccessScope[] = chosen.scopes;
  const limits = limitsOf(chosen);
  const text = grantText(
    { partnerName: asker.name, scopes, accounts: chosen.accounts, untilMs, limits },
    session.language,
  );
  return { text, untilMs, partnerName: asker.name, limits };
}

/** The limits that a customer set: with a scope that moves money and only then, above nothing, a day not below one payment. */
function limitsOf(chosen: Static<typeof schema.TermsBody>): DebitLimits | undefined {
  if (movesMoney(chosen.scopes) !== (chosen.limits !== undefined))
    throw new Refused('debit_limits');
  if (!chosen.limits) return undefined;
  const perPaymentSen = parseIdr(chosen.limits.perPayment.value);
  const perDaySen = parseIdr(chosen.limits.perDay.value);
  if (perPaymentSen === undefined || perDaySen === undefined) throw new Refused('debit_limits');
  if (perPaymentSen <= 0n || perDaySen < perPaymentSen) throw new Refused('debit_limits');
  return { perPaymentSen, perDaySen };
}

/** The registered address with our answer behind it; what its query held stays. */
function withQuery(
  redirectUrl: string,
  more: { readonly authCode: string; readonly state: string | undefined },
): string {
  const url = new URL(redirectUrl);
  url.searchParams.set('authCode', more.authCode);
  if (more.state !== undefined) url.searchParams.set('state', more.state);
  return url.href;
}
