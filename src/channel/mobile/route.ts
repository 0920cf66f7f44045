/** The ways to another bank in a customer's words: fee, limit, usual time, how it has been doing, and why one is closed. The customer
 * chooses before the PIN; a closed way is shown with its reason and never replaced by another in silence. */
import type { Sen } from '../../kernel/money.ts';
import type { Language } from '../../notify/template.ts';
import type { RouteOffer, TransferQuote, TransferRoute } from '../../payment/port.ts';
import type { Static } from 'typebox';
import type { MobileDeps } from './port.ts';
import type { QuoteAnswer } from './schema.ts';
import type { NameCheckRow } from './store.ts';
import { wireAmount } from './view.ts';
import { MOBILE_WORDS } from './words.ts';

type ClosedQuote = Extract<TransferQuote, { readonly open: false }>;
type Refusal = NonNullable<Static<typeof QuoteAnswer>['refusal']>;

interface Asked {
  readonly terms: { readonly fromAccount: string; readonly route?: TransferRoute };
  readonly payee: Pick<NameCheckRow, 'bank'>;
}

/** The way that these terms are about; null within our bank. */
export function routeOf(
  deps: MobileDeps,
  {
    terms,
    payee,
  }: { readonly terms: Pick<Asked['terms'], 'route'>; readonly payee: Asked['payee'] },
): TransferRoute | null {
  return payee.bank === deps.bank.bic ? null : (terms.route ?? 'bifast');
}

/** The chosen way and all that there are, as parts of a quote; nothing within our bank. */
export async function showRoutes(
  deps: MobileDeps,
  input: Asked & {
    readonly amount: Sen;
    readonly language: Language;
    /** A closed quote in the reader's words. */
    readonly explain: (quote: ClosedQuote) => Refusal;
  },
) {
  const route = routeOf(deps, input);
  if (route === null) return {};
  const offers = await deps.engine.offers({
    channel: 'mobile',
    debitAccount: input.terms.fromAccount,
    creditorBank: input.payee.bank,
    amount: input.amount,
    mayWait: true,
  });
  // A bank that one network does not know is no choice over it.
  const known = offers.filter((offer) => offer.quote.open || offer.quote.reason !== 'bank_unknown');
  return { route, routes: known.map((offer) => showOffer(offer, input)) };
}

function showOffer(
  { route, quote, health }: RouteOffer,
  input: { readonly language: Language; readonly explain: (quote: ClosedQuote) => Refusal },
) {
  const words = MOBILE_WORDS[input.language];
  const { definitePercent, count, usualMs } = health;
  return {
    route,
    name: capital(words.route[route]),
    isOpen: quote.open,
    fee: wireAmount(quote.feeSen),
    usual: words.routeUsual(Math.max(1, Math.ceil(usualMs / 1_000))),
    ...(definitePercent !== undefined && { health: words.routeHealth(definitePercent, count) }),
    ...(quote.open ? { limit: wireAmount(quote.capSen) } : { refusal: input.explain(quote) }),
  };
}

/** As the first word of a line. */
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
