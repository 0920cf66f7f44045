/** What a hardware security module does for us, as a port: keys by name, encrypted PIN blocks in, verdicts and encrypted PIN blocks
 * out. No call takes or gives a clear PIN or a clear key, and none tells of a PIN without counting. `src/hsm` implements it in
 * software for development; a payment HSM takes its place in production (docs/hsm.md, ADR 0015). Types only. */

/** What a key is for; a key of one kind does nothing of another.
 * `zmk` wraps keys of a link, `zpk` encrypts PINs between hosts, `tpk` PINs of a terminal, `zak` authenticates messages, `pvk` verifies
 * PINs, `cvk` is kept for card verification values, `imk` is the issuer's master key for EMV application cryptograms. */
export const KEY_KINDS = ['zmk', 'zpk', 'tpk', 'zak', 'pvk', 'cvk', 'imk'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

/** `T` double-length TDES (16 bytes), `A` AES (16, 24 or 32 bytes). */
export type KeyAlgorithm = 'T' | 'A';

/** Kind and link: `zpk.artajasa`. The current version is meant. */
export type KeyName<Kind extends KeyKind = KeyKind> = `${Kind}.${string}`;

/** Why the HSM did not do it. `rate_limited` also refuses a right PIN; `forbidden` is a caller that may not. */
export type HsmRefusal =
  | 'forbidden'
  | 'malformed'
  | 'no_key'
  | 'wrong_usage'
  | 'wrong_check_value'
  | 'weak_key'
  | 'key_reused'
  | 'bad_pin_block'
  | 'bad_value'
  | 'pin_length'
  | 'format_refused'
  | 'rate_limited';

export type HsmAnswer<Result> =
  | ({ readonly ok: true } & Result)
  | { readonly ok: false; readonly reason: HsmRefusal };

/** A PIN in its block: upper-case hex, 16 digits under a TDES key (ISO 9564-1 format 0), 32 under an AES key (format 4). */
export interface PinInput {
  /** The key that the block is encrypted under. */
  readonly key: KeyName<'zpk' | 'tpk'>;
  /** 13 to 19 digits; the one that the block is bound to. */
  readonly pan: string;
  readonly block: string;
}

export interface ZoneKey {
  readonly name: KeyName;
  readonly version: number;
  /** 32 hex digits (TDES under a TDES ZMK, ECB), or a TR-31 block of version D (under an AES ZMK). */
  readonly cryptogram: string;
  /** Six hex digits. */
  readonly checkValue: string;
}

export interface ListedKey {
  readonly name: string;
  readonly version: number;
  readonly algorithm: KeyAlgorithm;
  readonly checkValue: string;
  readonly isCurrent: boolean;
}

/** Every function with what it takes and gives. */
export interface HsmCalls {
  /** The same PIN for the same PAN under another key; the format follows from the algorithm of `to`. */
  translatePin: {
    input: PinInput & { readonly to: KeyName<'zpk'> };
    result: { readonly block: string };
  };
  /** Compares; every wrong one and every block that cannot be read is counted per PAN. The caller has its own, lower try limit. */
  verifyPin: {
    input: PinInput & { readonly pvk: KeyName<'pvk'>; readonly verificationValue: string };
    result: { readonly isRight: boolean };
  };
  /** The verification value of the PIN in the block, to be stored with the card. For a new card or a forgotten PIN only. */
  setPin: {
    input: PinInput & { readonly pvk: KeyName<'pvk'> };
    result: { readonly verificationValue: string };
  };
  /** Verifies the old PIN (counted) and gives the verification value of the new one. */
  changePin: {
    input: PinInput & {
      readonly pvk: KeyName<'pvk'>;
      readonly verificationValue: string;
      readonly newBlock: string;
    };
    result:
      | { readonly isRight: true; readonly verificationValue: string }
      | { readonly isRight: false };
  };
  /** TDES: ISO 9797-1 algorithm 3 with padding method 1 (X9.19). AES: CMAC, its eight left bytes. `data` base64, `mac` hex. */
  makeMac: {
    input: { readonly key: KeyName<'zak'>; readonly data: string };
    result: { readonly mac: string };
  };
  verifyMac: {
    input: { readonly key: KeyName<'zak'>; readonly data: string; readonly mac: string };
    result: { readonly isRight: boolean };
  };
  /** EMV: ICC master key by option A, common session key, ARPC by method 1. `data` is what the card authenticated, in its order. */
  verifyCryptogram: {
    input: {
      readonly key: KeyName<'imk'>;
      readonly pan: string;
      /** Two digits (tag 5F34). */
      readonly panSequence: string;
      /** Tag 9F36, four hex digits. */
      readonly transactionCounter: string;
      /** Base64. */
      readonly data: string;
      /** Tag 9F26, sixteen hex digits. */
      readonly arqc: string;
      /** Four hex digits: the authorisation response code to be authenticated. */
      readonly responseCode: string;
    };
    result: { readonly isRight: true; readonly arpc: string } | { readonly isRight: false };
  };
  /** A new random zone key, kept and wrapped under the ZMK of its link. */
  makeZoneKey: {
    input: { readonly name: KeyName<'zpk' | 'zak' | 'tpk'>; readonly algorithm: KeyAlgorithm };
    result: ZoneKey;
  };
  /** The current zone key once more, for an answer that was lost. */
  exportZoneKey: { input: { readonly name: KeyName<'zpk' | 'zak' | 'tpk'> }; result: ZoneKey };
  /** A key that the other side made (ISO 8583 key exchange 161/162, DE120): idempotent for the current one. */
  importZoneKey: {
    input: {
      readonly name: KeyName<'zpk' | 'zak' | 'tpk'>;
      readonly cryptogram: string;
      readonly checkValue: string;
    };
    result: { readonly version: number; readonly checkValue: string };
  };
  /** Names, versions and check values of all keys. */
  listKeys: {
    input: Readonly<Record<string, never>>;
    result: { readonly keys: readonly ListedKey[] };
  };
}

/** The name of a function. */
export type HsmFunction = keyof HsmCalls;

/** The port. Throws WireFault when the HSM was not reached or gave no answer: nothing is known then; asking again is safe, though a
 * second `makeZoneKey` makes a second key. */
export type Hsm = {
  readonly [Name in HsmFunction]: (
    input: HsmCalls[Name]['input'],
  ) => Promise<HsmAnswer<HsmCalls[Name]['result']>>;
};

/** Where each function listens on the wire: `/hsm/<function>`. */
export const HSM_PATH = '/hsm/';
/** Several calls in one: a list of `{name, input}`, answered by the list of their answers in the same order. */
export const HSM_BATCH_PATH = '/hsm/batch';
/** Calls in a batch: with data of full length still within what a wire endpoint reads. */
export const HSM_BATCH_MAX = 32;
/** The name that the HSM listens under. */
export const HSM_NAME = 'hsm';
/** Longest data of a MAC or a cryptogram: above any ISO 8583 message. */
export const HSM_DATA_BYTES_MAX = 16_384;
