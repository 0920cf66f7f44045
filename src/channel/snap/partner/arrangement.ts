/** What is arranged with a partner beside its keys and limits: accounts it reads, addresses, services, accounts for money. Owns what
 * there is to arrange, its form, and what a change does to what stands. Pure; `arrange.ts` acts. */
import { isRedirectUrl } from '../../grant/bind.ts';

/** What two people arrange with a partner. */
export type Arrangement =
  /** Reads the account as its own (11–14); `validUntilMs` absent: until it is ended. */
  | { readonly what: 'account'; readonly account: string; readonly validUntilMs?: number }
  /** Where a customer's browser goes back to (74). */
  | { readonly what: 'redirect'; readonly url: string }
  | EndpointArrangement
  /** Issues virtual accounts whose money goes to `account` (24–27). */
  | { readonly what: 'vaService'; readonly serviceId: string; readonly account: string }
  /** Pays virtual accounts from `account` (24, 25). */
  | { readonly what: 'vaChannel'; readonly account: string }
  /** Takes direct debits into `account` (54–58). */
  | { readonly what: 'debit'; readonly account: string }
  /** Makes codes for a merchant (47). */
  | { readonly what: 'merchant'; readonly merchantId: string };

/** Takes notices. The secret is never part of what is signed or kept in the clear. */
export interface EndpointArrangement {
  readonly what: 'endpoint';
  readonly baseUrl: string;
  readonly clientId: string;
  readonly channelId: string;
  /** Of the symmetric signature; absent: asymmetric. */
  readonly secret?: string;
}

/** Which arrangement is ended. */
export type EndedArrangement =
  | { readonly what: 'account'; readonly account: string }
  | { readonly what: 'redirect'; readonly url: string }
  | { readonly what: 'vaService'; readonly serviceId: string }
  | { readonly what: 'merchant'; readonly merchantId: string }
  | { readonly what: 'endpoint' | 'vaChannel' | 'debit' };

/** A change of what is arranged. */
export type ArrangementChange =
  | { readonly kind: 'arrange'; readonly arrangement: Arrangement }
  | { readonly kind: 'end'; readonly ended: EndedArrangement };

/** What the database holds under the name of an arrangement. */
export interface Standing {
  readonly isLive: boolean;
  /** Of the partner in question. */
  readonly isOwn: boolean;
  /** With the very values that are asked for; an ending asks for none. */
  readonly isSame: boolean;
}

/** `no_account`: not a deposit of ours, or closed. `taken`: another partner's. `arranged_otherwise`: live with other values.
 * `not_arranged`: there was never anything to end. */
export type ArrangementRefusal =
  | 'bad_arrangement'
  | 'no_account'
  | 'no_merchant'
  | 'taken'
  | 'arranged_otherwise'
  | 'not_arranged';

/** What a change does to what stands: nothing where it is so already. Nothing is replaced: what is live ends first, which one person
 * may do and which leaves a trace of its own. */
export function decideArrangement(
  change: ArrangementChange,
  standing: Standing | undefined,
): 'write' | 'nothing' | ArrangementRefusal {
  if (change.kind === 'end') {
    if (!standing?.isOwn) return 'not_arranged';
    return standing.isLive ? 'write' : 'nothing';
  }
  if (!standing) return 'write';
  if (!standing.isOwn) return 'taken';
  if (!standing.isLive) return 'write';
  return standing.isSame ? 'nothing' : 'arranged_otherwise';
}

const URL_LENGTH_MAX = 300;
/** Of client ids, channel ids and merchant ids: they travel in headers. */
const NAME = /^[\x21-\x7e]{1,64}$/;
const CHANNEL_ID = /^[0-9A-Za-z]{1,5}$/;
const SERVICE_ID = /^\d{1,8}$/;
const SECRET = /^[\x21-\x7e]{16,512}$/;

/** True when the arrangement has a form that can be written. */
export function isArrangement(arrangement: Arrangement, nowMs: number): boolean {
  switch (arrangement.what) {
    case 'account': {
      const { validUntilMs } = arrangement;
      return validUntilMs === undefined || validUntilMs > nowMs;
    }
    case 'redirect':
      return arrangement.url.length <= 500 && isRedirectUrl(arrangement.url);
    case 'endpoint':
      return isEndpoint(arrangement);
    case 'vaService':
      return SERVICE_ID.test(arrangement.serviceId);
    case 'merchant':
      return NAME.test(arrangement.merchantId);
    case 'vaChannel':
    case 'debit':
      return true;
  }
}

function isEndpoint({ baseUrl, clientId, channelId, secret }: EndpointArrangement): boolean {
  return (
    isBaseUrl(baseUrl) &&
    NAME.test(clientId) &&
    CHANNEL_ID.test(channelId) &&
    (secret === undefined || SECRET.test(secret))
  );
}

/** What notices are posted under: https, or http on 127.0.0.1 in the demo, as the way out (`notice-post.ts`) takes it; no user, query
 * or fragment. */
function isBaseUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || text.length > URL_LENGTH_MAX) return false;
  if (url.username !== '' || url.password !== '' || /[?#]/.test(text)) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && url.hostname === '127.0.0.1');
}

/** The arrangement as people sign it and `partner_change` keeps it: without its secret. */
export function shownArrangement(arrangement: Arrangement): object {
  if (arrangement.what !== 'endpoint') return arrangement;
  const { secret, ...shown } = arrangement;
  return { ...shown, signature: secret === undefined ? 'asymmetric' : 'symmetric' };
}
