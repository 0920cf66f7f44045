/** Which answer belongs to which request: by the answer's MTI and DE7, DE11 and DE41 of both. A request that ran out of time is
 * remembered, so that its answer is known as late and never taken for that of a newer one. Bounded everywhere; owns no clock but the one
 * it is given. Source: domain.md 4.1, 4.8 rule 3. */
import type { FieldNumber, IsoMessage } from '../iso8583/spec.ts';

/** What a request is for. Inquiries have a share of their own, so that asking never takes the place of paying (T18). */
export type RequestKind = 'financial' | 'inquiry' | 'management';

export interface CorrelateBounds {
  /** Requests on their way over one link. */
  readonly inFlightMax: number;
  /** Those of them that may be inquiries, over all links of the network. */
  readonly inquiryInFlightMax: number;
  /** How long an answered or expired request is remembered. */
  readonly rememberMs: number;
  readonly rememberMax: number;
  /** What an answer must repeat, where both messages have it. */
  readonly echoFields: readonly FieldNumber[];
}

/** Why a request may not leave now. */
export type AdmitRefusal = 'too_many_in_flight' | 'too_many_inquiries' | 'key_in_use' | 'no_key';

/** What an answer turned out to be. */
export type Matched =
  | { readonly kind: 'matched'; readonly link: string }
  /** Its request had run out of time or lost its link. */
  | { readonly kind: 'late' }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'stray' }
  /** The ids are those of a request, what it is about is not. */
  | { readonly kind: 'mismatched'; readonly field: FieldNumber };

/** A place for one request. */
export interface Slot {
  /** Resolves with the answer; or with nothing, when `expire` was called or its link broke. */
  readonly answer: Promise<IsoMessage | undefined>;
  /** Gives up waiting; remembered as expired. */
  expire(): void;
  /** Nothing was written: as if it had never been asked for. */
  abandon(): void;
}

/** The MTI that answers this one, repeats included; undefined for what is not answered (notifications, answers). */
export function answerMti(mti: string): string | undefined {
  const answering = { '0': '1', '2': '3' }[mti.charAt(2)];
  return answering === undefined ? undefined : `${mti.slice(0, 2)}${answering}0`;
}

/** True for the MTI of an answer. */
export function isAnswer(mti: string): boolean {
  return mti.charAt(2) === '1' || mti.charAt(2) === '3';
}

interface Waiting {
  readonly link: string;
  readonly kind: RequestKind;
  readonly message: IsoMessage;
  readonly resolve: (answer: IsoMessage | undefined) => void;
}

interface Remembered {
  readonly was: 'answered' | 'expired';
  readonly untilMs: number;
}

/** An answer to an echo is no answer to a sign-on, whatever the network's own list says. */
const ALWAYS_ECHOED: readonly FieldNumber[] = [70];

/** Network management of ours that waits for answers at a time: sign-on, echo and key exchange do not wait for money. */
const MANAGEMENT_IN_FLIGHT_MAX = 8;

/** The table of all links of one network. */
export class Correlator {
  readonly #bounds: CorrelateBounds;
  readonly #now: () => number;
  readonly #waiting = new Map<string, Waiting>();
  readonly #remembered = new Map<string, Remembered>();

  constructor(bounds: CorrelateBounds, now: () => number) {
    this.#bounds = bounds;
    this.#now = now;
  }

  /** Takes a request in before it is written, or says why it may not leave. */
  admit(input: {
    readonly link: string;
    readonly kind: RequestKind;
    readonly message: IsoMessage;
  }):
    | { readonly ok: true; readonly slot: Slot }
    | { readonly ok: false; readonly reason: AdmitRefusal } {
    const { link, kind, message } = input;
    const key = keyOf(answerMti(message.mti), message);
    if (key === undefined) return { ok: false, reason: 'no_key' };
    this.#forgetOld();
    const before = this.#remembered.get(key)?.was;
    // A repeat asks for the answer that the first one did not get.
    const isRepeat = before === 'expired' && message.mti.endsWith('1');
    if (this.#waiting.has(key) || (before !== undefined && !isRepeat))
      return { ok: false, reason: 'key_in_use' };
    const full = this.#fullFor(link, kind);
    if (full) return { ok: false, reason: full };
    const { promise, resolve } = Promise.withResolvers<IsoMessage | undefined>();
    const own: Waiting = { link, kind, message, resolve };
    this.#waiting.set(key, own);
    return { ok: true, slot: this.#slotOf({ key, own, before, answer: promise }) };
  }

  /** Gives an answer to the request that waits for it, or says what else it is. */
  match(answer: IsoMessage): Matched {
    const key = keyOf(answer.mti, answer);
    if (key === undefined) return { kind: 'stray' };
    const one = this.#waiting.get(key);
    if (one) {
      const field = differing(one.message, { answer, echoFields: this.#bounds.echoFields });
      if (field !== undefined) return { kind: 'mismatched', field };
      this.#finish(key, answer);
      return { kind: 'matched', link: one.link };
    }
    this.#forgetOld();
    const was = this.#remembered.get(key)?.was;
    if (was === undefined) return { kind: 'stray' };
    if (was === 'answered') return { kind: 'duplicate' };
    // Its next one is a duplicate.
    this.#remember(key, 'answered');
    return { kind: 'late' };
  }

  /** A link broke: what is on its way over it will not be answered there. */
  breakLink(link: string): void {
    for (const [key, one] of this.#waiting) if (one.link === link) this.#finish(key, undefined);
  }

  /** Requests on their way over a link, or over all; network management aside. */
  inFlight(link?: string): number {
    return this.#count((one) => (link === undefined || one.link === link) && isBusiness(one));
  }

  #fullFor(link: string, kind: RequestKind): AdmitRefusal | undefined {
    const { inFlightMax, inquiryInFlightMax } = this.#bounds;
    if (kind === 'management') {
      const managing = this.#count((one) => one.link === link && !isBusiness(one));
      return managing >= MANAGEMENT_IN_FLIGHT_MAX ? 'too_many_in_flight' : undefined;
    }
    if (kind === 'inquiry' && this.#count((one) => one.kind === 'inquiry') >= inquiryInFlightMax)
      return 'too_many_inquiries';
    return this.inFlight(link) >= inFlightMax ? 'too_many_in_flight' : undefined;
  }

  #slotOf(input: {
    readonly key: string;
    readonly own: Waiting;
    readonly before: Remembered['was'] | undefined;
    readonly answer: Promise<IsoMessage | undefined>;
  }): Slot {
    const { key, own, before } = input;
    const isStanding = (): boolean => this.#waiting.get(key) === own;
    return {
      answer: input.answer,
      expire: () => void (isStanding() && this.#finish(key, undefined)),
      abandon: () => {
        if (isStanding()) this.#waiting.delete(key);
        // Its link broke before a byte was written.
        else if (before === undefined) this.#remembered.delete(key);
        own.resolve(undefined);
      },
    };
  }

  #finish(key: string, answer: IsoMessage | undefined): void {
    const one = this.#waiting.get(key);
    if (!one) return;
    this.#waiting.delete(key);
    this.#remember(key, answer ? 'answered' : 'expired');
    one.resolve(answer);
  }

  #remember(key: string, was: Remembered['was']): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, { was, untilMs: this.#now() + this.#bounds.rememberMs });
    this.#forgetOld();
  }

  /** They stand in order of time: the oldest are at the front. */
  #forgetOld(): void {
    for (const [key, { untilMs }] of this.#remembered) {
      if (untilMs > this.#now() && this.#remembered.size <= this.#bounds.rememberMax) return;
      this.#remembered.delete(key);
    }
  }

  #count(fits: (one: Waiting) => boolean): number {
    let sum = 0;
    for (const one of this.#waiting.values()) if (fits(one)) sum++;
    return sum;
  }
}

function isBusiness(one: Waiting): boolean {
  return one.kind !== 'management';
}

/** True when `answer` is one that `request` asks for: MTI and ids. */
export function isAnswerTo(request: IsoMessage, answer: IsoMessage): boolean {
  const key = keyOf(answerMti(request.mti), request);
  return key !== undefined && key === keyOf(answer.mti, answer);
}

/** Answer's MTI, DE7, DE11 and DE41; undefined where an id is missing. */
function keyOf(mti: string | undefined, message: IsoMessage): string | undefined {
  const { 7: at, 11: stan, 41: terminal = '' } = message.fields;
  return mti === undefined || at === undefined || stan === undefined
    ? undefined
    : `${mti}|${at}|${stan}|${terminal}`;
}

function differing(
  request: IsoMessage,
  input: { readonly answer: IsoMessage; readonly echoFields: readonly FieldNumber[] },
): FieldNumber | undefined {
  return [...ALWAYS_ECHOED, ...input.echoFields].find((field) => {
    const asked = request.fields[field];
    const answered = input.answer.fields[field];
    return asked !== undefined && answered !== undefined && asked !== answered;
  });
}
