/** Network management (DE70) as a decision: what a message of theirs does to a link and how it is answered. Pure.
 * Source: domain.md 4.6 [seen: ALTO]. */
import type { IsoFields, IsoMessage } from '../iso8583/spec.ts';

/** DE70. */
export const MANAGEMENT = {
  signOn: '001',
  signOff: '002',
  keyExchange: '161',
  newKey: '162',
  cutOver: '201',
  echo: '301',
} as const;

/** Where a link stands. Money moves only while it is `signed_on`. */
export type LinkPhase = 'closed' | 'connected' | 'signing_on' | 'signed_on' | 'stopping';

/** A key as it came: under the ZMK, with its check value. It is handed on and never kept or logged. */
export interface WrappedKey {
  readonly code: string;
  /** 32 hex characters. */
  readonly key: string;
  /** 6 hex characters. */
  readonly checkValue: string;
}

/** What to do with a management message of theirs, apart from answering it. */
export type ManagementEffect =
  | { readonly kind: 'none' }
  | { readonly kind: 'signed_on' }
  | { readonly kind: 'signed_off' }
  | { readonly kind: 'cut_over'; readonly settlementDate: string }
  | { readonly kind: 'key'; readonly wrapped: WrappedKey }
  /** A terminal of ours wants a key of its own. */
  | { readonly kind: 'give_key'; readonly terminal: string };

/** The effect, and DE39 unless the effect's own result decides. */
export interface ManagementDecision {
  readonly effect: ManagementEffect;
  readonly code: string;
}

/** DE39. */
export const APPROVED = '00';
const KEY = /^([0-9A-F]{32})([0-9A-F]{6})$/;
const MONTH_DAY = /^(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;
const NOTHING: ManagementEffect = { kind: 'none' };

/** Decides one message. Echo and sign-off are answered in every phase; a cut-over counts only between partners who know each other. */
export function decideManagement(
  message: IsoMessage,
  link: {
    readonly phase: LinkPhase;
    readonly signOn: 'ours' | 'theirs';
    /** Terminals of ours are given their keys over this link. */
    readonly givesKeys?: boolean;
    readonly codes: { readonly notSignedOn: string; readonly notSupported: string };
  },
): ManagementDecision {
  const { fields } = message;
  const no = (code: string): ManagementDecision => ({ effect: NOTHING, code });
  switch (fields[70]) {
    case MANAGEMENT.echo:
      return no(APPROVED);
    case MANAGEMENT.signOn: {
      const isStopping = link.phase === 'stopping';
      if (isStopping) return no(link.codes.notSignedOn);
      // Where we sign on, theirs is a courtesy: it must not open the link before ours was taken.
      const effect: ManagementEffect = link.signOn === 'theirs' ? { kind: 'signed_on' } : NOTHING;
      return { effect, code: APPROVED };
    }
    case MANAGEMENT.signOff:
      return { effect: { kind: 'signed_off' }, code: APPROVED };
    case MANAGEMENT.cutOver: {
      const settlementDate = fields[15];
      if (link.phase !== 'signed_on') return no(link.codes.notSignedOn);
      if (settlementDate === undefined || !MONTH_DAY.test(settlementDate))
        return no(link.codes.notSupported);
      return { effect: { kind: 'cut_over', settlementDate }, code: APPROVED };
    }
    case MANAGEMENT.keyExchange:
    case MANAGEMENT.newKey: {
      const wrapped = wrappedKey(fields);
      const isAsked = fields[70] === MANAGEMENT.keyExchange && fields[120] === undefined;
      if (link.givesKeys && isAsked && fields[41] !== undefined)
        return link.phase === 'signed_on'
          ? { effect: { kind: 'give_key', terminal: fields[41] }, code: APPROVED }
          : no(link.codes.notSignedOn);
      return wrapped
        ? { effect: { kind: 'key', wrapped }, code: APPROVED }
        : no(link.codes.notSupported);
    }
    default:
      return no(link.codes.notSupported);
  }
}

/** The key that a message carries in DE120; undefined where there is none in the form of docs/rail/switch.md section 2. */
export function wrappedKey(fields: IsoFields): WrappedKey | undefined {
  const match = KEY.exec(fields[120] ?? '');
  return match ? { code: fields[70] ?? '', key: match[1]!, checkValue: match[2]! } : undefined;
}

/** Fields of an answer that repeat the request's: ids and what it is about; never card, PIN, track or name. */
const REPEATED = [3, 4, 7, 11, 12, 13, 15, 32, 33, 37, 41, 42, 49, 70, 90] as const;

/** An answer of our own making to a request of theirs. */
export function refusal(
  request: IsoMessage,
  input: { readonly mti: string; readonly code: string },
): IsoMessage {
  const fields: { -readonly [N in keyof IsoFields]: IsoFields[N] } = { 39: input.code };
  for (const number of REPEATED) {
    const value = request.fields[number];
    if (value !== undefined) fields[number] = value;
  }
  return { mti: input.mti, fields };
}

/** DE7: MMDDhhmmss in GMT. */
export function transmittedAt(nowMs: number): string {
  return new Date(nowMs).toISOString().slice(5, 19).replaceAll(/[-T:]/g, '');
}
