/** A code that the customer shows at a till: made with the PIN, shown once, watched until it has paid or is over. What it pays is decided
 * where the network asks (src/presented). */
import type { Static } from 'typebox';
import { parseIdr } from '../../kernel/money.ts';
import type { Language } from '../../notify/template.ts';
import { lifeOf } from '../../presented/decide.ts';
import type { PresentedCode } from '../../presented/port.ts';
import { sessionOf } from '../session/require.ts';
import { demandPin, PIN_RATE } from './consent.ts';
import type { MobileDeps } from './port.ts';
import { presentedRefusalText } from './presented-words.ts';
import { Refused } from './problem.ts';
import type { Scope } from './register.ts';
import {
  PresentedMade,
  PresentedMakeBody,
  PresentedParams,
  PresentedShown,
  PresentedTermsBody,
} from './schema-presented.ts';
import { explanationOf } from './terms.ts';
import { wireAmount } from './view.ts';

/** A screen looks every two seconds while a code lives. */
const LOOK_RATE = { rateLimit: { max: 120, timeWindow: 60_000 } } as const;

/** Registers them. */
export function registerPresented(scope: Scope, deps: MobileDeps): void {
  const { presented, time } = deps;
  scope.get(
    '/qris/presented/terms',
    { schema: { response: { 200: PresentedTermsBody } } },
    async () => {
      const { limitMaxSen, lifeMs } = await presented.terms();
      return { limitMax: wireAmount(limitMaxSen), lifeMs };
    },
  );

  scope.post(
    '/qris/presented',
    {
      config: { rateLimit: PIN_RATE },
      schema: { body: PresentedMakeBody, response: { 200: PresentedMade } },
    },
    async (request) => {
      const session = sessionOf(request);
      const { fromAccount, limit, pin } = request.body;
      const limitSen = parseIdr(limit.value);
      if (limitSen === undefined) throw new Refused('amount_not_positive');
      await demandPin(deps, { session, pin });
      const made = await presented.make({
        customerId: session.subject,
        account: fromAccount,
        limitSen,
      });
      if (made.ok) {
        const { code, payload } = made;
        return { ...stateOf(code, time.now()), payload };
      }
      const { reason, gate } = made;
      const restriction = gate && 'restriction' in gate ? gate.restriction : undefined;
      const quote = restriction ? { restriction } : {};
      throw new Refused(reason, explanationOf(deps, { quote, language: session.language }));
    },
  );

  scope.get(
    '/qris/presented/:id',
    { config: LOOK_RATE, schema: { params: PresentedParams, response: { 200: PresentedShown } } },
    async (request) => {
      const { subject: customerId, language } = sessionOf(request);
      return shown(await presented.find({ customerId, id: request.params.id }), {
        nowMs: time.now(),
        language,
      });
    },
  );

  scope.post(
    '/qris/presented/:id/cancel',
    { config: LOOK_RATE, schema: { params: PresentedParams, response: { 200: PresentedShown } } },
    async (request) => {
      const { subject: customerId, language } = sessionOf(request);
      return shown(await presented.cancel({ customerId, id: request.params.id }), {
        nowMs: time.now(),
        language,
      });
    },
  );
}

function shown(
  code: PresentedCode | undefined,
  { nowMs, language }: { readonly nowMs: number; readonly language: Language },
): Static<typeof PresentedShown> {
  if (!code) throw new Refused('not_found');
  const { paymentId, refused } = code;
  return {
    ...stateOf(code, nowMs),
    ...(paymentId !== undefined && { paymentId }),
    ...(refused && {
      refused: {
        amount: wireAmount(refused.amountSen),
        ...presentedRefusalText(refused.code, language),
      },
    }),
  };
}

function stateOf(code: PresentedCode, nowMs: number) {
  return {
    id: code.id,
    state: lifeOf(code, nowMs),
    limit: wireAmount(code.limitSen),
    validUntilMs: code.validUntilMs,
    nowMs,
  };
}
