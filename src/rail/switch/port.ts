/** What the links need from outside and what they give: transport, time, keys, the bank behind them. */
import type { Log } from '../../kernel/log.ts';
import type { Random } from '../../kernel/random.ts';
import type { StreamNet } from '../../kernel/stream.ts';
import type { Time } from '../../kernel/time.ts';
import type { IsoCodec } from '../iso8583/codec.ts';
import type { IsoMessage } from '../iso8583/spec.ts';
import type { AdmitRefusal, Correlator } from './correlate.ts';
import type { WrappedKey } from './manage.ts';
import type { NetworkSetting } from './setting.ts';
import type { Taken } from './taken.ts';

/** What became of a request. `unknown` is never guessed into another (I2); `not_sent` is proven: no byte of it was written. */
export type LinkAnswer =
  | { readonly outcome: 'answered'; readonly message: IsoMessage; readonly link: string }
  | {
      readonly outcome: 'unknown';
      readonly reason: 'timeout' | 'link_broken';
      readonly link: string;
    }
  | { readonly outcome: 'not_sent'; readonly reason: NotSent };

/** Why nothing was written. */
export type NotSent =
  | AdmitRefusal
  | 'no_link_signed_on'
  | 'not_signed_on'
  | 'link_broken'
  | 'backlog'
  | 'refused_by_codec'
  | 'mac_unavailable'
  | 'inquiry_budget'
  | 'not_a_request';

/** Makes and checks MACs; an HSM behind it. 16 upper-case hex characters. */
export interface MacPort {
  make(input: { readonly network: string; readonly bytes: Buffer }): Promise<string>;
  /** Compares in constant time. */
  isRight(input: {
    readonly network: string;
    readonly bytes: Buffer;
    readonly mac: string;
  }): Promise<boolean>;
}

/** Takes keys that come over a link. `unplanned`: nobody expects one now, which is a security event. */
export interface KeyPort {
  accept(input: {
    readonly network: string;
    readonly wrapped: WrappedKey;
  }): Promise<'accepted' | 'refused' | 'unplanned'>;
}

/** Somebody may be forging. Ids only, no content. */
export interface LinkAlarm {
  readonly kind:
    | 'mac_missing'
    | 'mac_wrong'
    | 'answer_mismatched'
    | 'key_unplanned'
    | 'key_refused'
    | 'peer_not_admitted';
  readonly network: string;
  readonly link: string;
  readonly detail: string;
}

/** The ports of one network. */
export interface SwitchPorts {
  readonly time: Time;
  readonly random: Random;
  readonly log: Log;
  readonly streams: StreamNet;
  /** Left out where the network has no MAC. */
  readonly mac?: MacPort;
  readonly keys: KeyPort;
  /** A new key for a terminal of ours, as DE120 carries it; undefined = it gets none. Left out where the other side gives the keys. */
  giveKey?(terminal: string): Promise<string | undefined>;
  /** A new STAN from the registry, six digits, for network management. */
  stan(): string;
  /** Answers what the network asks of the bank; nothing is sent after `deadlineMs`. Undefined = no answer. */
  serve(
    request: IsoMessage,
    context: { readonly link: string; readonly deadlineMs: number },
  ): Promise<IsoMessage | undefined>;
  /** False = this request was certainly never taken, so that a refusal of it at once is the truth. */
  mayBeTaken(request: IsoMessage): boolean;
  /** An answer whose request had run out of time or lost its link: evidence, never an outcome by itself. */
  late(answer: IsoMessage, context: { readonly link: string }): void;
  /** The network moved to another settlement date (MMDD). Told again when they say it again. */
  cutOver(input: { readonly network: string; readonly settlementDate: string }): Promise<void>;
  alarm(alarm: LinkAlarm): void;
}

/** Counts since start, by network. */
export interface LinkCounts {
  connected: number;
  connectFailed: number;
  closed: number;
  sent: number;
  answered: number;
  timedOut: number;
  late: number;
  duplicate: number;
  stray: number;
  mismatched: number;
  malformed: number;
  macRefused: number;
  served: number;
  serveLate: number;
  refused: number;
  /** Copies of what may have been taken, at a moment when nothing new was: not answered. */
  unanswered: number;
  echoMissed: number;
}

/** What all links of a network share. */
export interface NetworkContext {
  readonly setting: NetworkSetting;
  readonly ports: SwitchPorts;
  readonly codec: IsoCodec;
  readonly correlator: Correlator;
  readonly counts: LinkCounts;
  readonly taken: Taken;
}
