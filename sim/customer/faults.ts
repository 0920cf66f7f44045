/** How partners misbehave, as data: as callers of the bank, and as servers that take its notices. */
import type { Time } from '../../src/kernel/time.ts';
import type { Chooser, Facts } from '../fault/chooser.ts';
import {
  EXCHANGE_VERBS,
  openBadCaller,
  STANDING_VERBS,
  wrongSignature,
  type ExchangeFault,
  type StandingFault,
} from '../fault/exchange.ts';
import { text, type Rule, type Vocabulary, type WhenMatch } from '../fault/rule.ts';
import type { Http, HttpResponse } from './snap-client.ts';

export interface PartnerMatch extends WhenMatch {
  /** End of the path: `transfer-intrabank`, `qr-mpm-notify`. Everything when absent. */
  readonly pathSuffix?: string;
}

export type PartnerRule = Rule<ExchangeFault | StandingFault, PartnerMatch>;

const match = { pathSuffix: text(/^[a-z0-9/-]{1,60}$/, 'end of the path: transfer-intrabank') };
const { http_storm: _status, ...CALLS } = EXCHANGE_VERBS;

/** The words of a partner's server. */
export const PARTNER_WORDS: Vocabulary = {
  match,
  does: { ...EXCHANGE_VERBS, ...STANDING_VERBS },
};

/** The words of a partner that calls: a status is the bank's to give, and nobody waits for a caller that says nothing. */
export const CALLER_WORDS: Vocabulary = {
  match,
  does: { ...CALLS, clock_skew: STANDING_VERBS.clock_skew },
};

/** What a fault rule may match of a call. */
export function factsOfPath(path: string): Facts {
  return { path: path.split('?')[0]! };
}

/** The same carrier over a bad line. An answer that is lost is a throw, as of a carrier that waited too long. */
export function onBadHttp(input: {
  readonly http: Http;
  readonly time: Time;
  readonly stopping: AbortSignal;
  readonly chooser: Chooser<PartnerRule>;
}): Http {
  const call = openBadCaller<HttpResponse>(input);
  return (request) =>
    call(factsOfPath(request.path), (isSignedWrong) => {
      if (!isSignedWrong) return input.http(request);
      const signature = wrongSignature(request.headers['x-signature'] ?? '');
      return input.http({ ...request, headers: { ...request.headers, 'x-signature': signature } });
    });
}
