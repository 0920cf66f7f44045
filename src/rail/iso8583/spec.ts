/** What a dialect of ISO 8583 is, as data: fields with content, length and wire form, bitmap, header, frame, composites. A link names its
 * dialect; a new one is a base and what differs. Owns no bytes: `compile.ts` checks the data, `codec.ts` reads and writes by it.
 * Source: ISO 8583:1987; domain.md 4.1 and 4.3. */

/** `n` digits, `a` letters, `an` letters and digits, `ans` printable ASCII, `z` track data, `xn` C or D and digits, `b` bytes. */
export type Content = 'n' | 'a' | 'an' | 'ans' | 'z' | 'xn' | 'b';

/** How the units of a field lie on the wire. `hex` and `binary` are for bytes, `bcd` for digits and track data. */
export type Encoding = 'ascii' | 'bcd' | 'binary' | 'hex';

/** How a value is filled up to a fixed length. The value in a message never carries the filling. */
export type Padding = 'none' | 'space_right' | 'zero_left';

/** One field, free of any dialect. */
export interface FieldFormat {
  readonly name: string;
  readonly content: Content;
  /** `fixed`, or the number of length digits before the value. */
  readonly prefix: 'fixed' | 'LL' | 'LLL';
  /** The length of a fixed field, the most of a variable one. Digits or characters; of `b` bytes. */
  readonly length: number;
  /** The fewest units; 1 where left out, 0 for a fixed field that is padded with spaces. */
  readonly lengthMin?: number;
  readonly padding?: Padding;
  /** What differs from the dialect's own wire form. */
  readonly encoding?: Encoding;
  readonly prefixEncoding?: 'ascii' | 'bcd' | 'binary';
  readonly counts?: 'units' | 'bytes';
}

/** How a dialect puts things on the wire where a field says nothing else. */
export interface WireForm {
  readonly digits: 'ascii' | 'bcd';
  readonly binary: 'hex' | 'binary';
  readonly prefix: 'ascii' | 'bcd' | 'binary';
  /** What a length counts: digits, characters and hex characters as they stand (`units`), or the bytes behind them. */
  readonly counts: 'units' | 'bytes';
  /** Where the spare half byte of an odd number of BCD digits goes, and what it holds. */
  readonly oddDigit: 'left_0' | 'right_0' | 'right_f';
}

/** The length before each message. It never counts itself; it does count the header. */
export interface FrameForm {
  readonly length: 'binary_2' | 'ascii_4';
  /** Longer messages are refused unread. */
  readonly bytesMax: number;
}

/** Between length and MTI. `tpdu` = 5 bytes, in a message 10 hex characters; `text` = `ISO` and 9 digits. */
export interface HeaderForm {
  readonly kind: 'none' | 'tpdu' | 'text';
  /** Sent where a message names none. */
  readonly value?: string;
}

/** A piece of a composite with fixed places. */
export interface PartFormat {
  readonly name: string;
  readonly content: Exclude<Content, 'b' | 'z'>;
  readonly length: number;
  readonly padding?: Padding;
}

/** What the text of a field is made of. */
export type CompositeForm =
  | { readonly kind: 'parts'; readonly parts: readonly PartFormat[] }
  | {
      readonly kind: 'blocks';
      readonly parts: readonly PartFormat[];
      readonly countMax: number;
    }
  /** Tag of two characters, length digits, value. */
  | { readonly kind: 'tags'; readonly lengthDigits: 2 | 3; readonly countMax: number }
  /** EMV BER-TLV in a field of bytes. */
  | { readonly kind: 'emv'; readonly countMax: number };

/** Which form a field has, and when: the first rule that fits counts. */
export interface CompositeRule {
  readonly field: FieldNumber;
  /** The first two digits of DE3; left out = any. */
  readonly processing?: readonly string[];
  readonly form: CompositeForm;
}

/** One way to speak ISO 8583. */
export interface Dialect {
  readonly name: string;
  /** First digit of the MTI: 0 = the edition of 1987. */
  readonly version: '0' | '1' | '2';
  readonly frame: FrameForm;
  readonly header: HeaderForm;
  readonly mti: 'ascii' | 'bcd';
  readonly bitmap: 'hex' | 'binary';
  /** Implied decimals of DE4 and every other amount. */
  readonly amountDecimals: 0 | 2;
  readonly wire: WireForm;
  readonly fields: Readonly<Record<number, FieldFormat>>;
  readonly composites: readonly CompositeRule[];
}

/** What a dialect has of its own; a field of `undefined` is not spoken. */
export interface DialectDifference extends Partial<Omit<Dialect, 'fields' | 'wire'>> {
  readonly name: string;
  readonly wire?: Partial<WireForm>;
  readonly fields?: Readonly<Record<number, Partial<FieldFormat> | undefined>>;
}

/** A base with differences laid over it. */
export function deriveDialect(base: Dialect, difference: DialectDifference): Dialect {
  const fields: Record<number, FieldFormat> = { ...base.fields };
  for (const [key, change] of Object.entries(difference.fields ?? {})) {
    const number = Number(key);
    if (change === undefined) delete fields[number];
    else fields[number] = { ...fields[number], ...change } as FieldFormat; // compile.ts checks that it is whole
  }
  return { ...base, ...difference, wire: { ...base.wire, ...difference.wire }, fields };
}

type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;
type Numbers<
  Prefix extends string,
  Last extends number,
> = `${Prefix}${Last}` extends `${infer N extends number}` ? N : never;

/** The data elements of a message: 2 to 128. Bit 1 is the second bitmap, 65 would be a third. */
export type FieldNumber = Exclude<
  | Digit
  | Numbers<'1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '10' | '11', Digit>
  | Numbers<'12', 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8>,
  0 | 1 | 65
>;

/** Values by number: digits and text as they are without filling, bytes as upper-case hex. */
export type IsoFields = { readonly [N in FieldNumber]?: string };

/** One message, free of any dialect. */
export interface IsoMessage {
  readonly mti: string;
  /** Only where the dialect has a header. */
  readonly header?: string;
  readonly fields: IsoFields;
}

/** What was wrong, and where: `mti`, `header`, `bitmap`, `DE41`, `DE48.length`, `DE48.reference`, `DE55.9F26`, `end`. */
export interface IsoError {
  readonly path: string;
  readonly problem: IsoProblem;
}

/** `too_short`: the bytes end before the field does. `disagrees`: the second bitmap is there and empty. */
export type IsoProblem =
  | 'too_short'
  | 'too_long'
  | 'wrong_length'
  | 'wrong_characters'
  | 'wrong_padding'
  | 'wrong_type'
  | 'not_supported'
  | 'disagrees'
  | 'repeated'
  | 'missing'
  | 'trailing_bytes';

/** A value or the error. */
export type IsoResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: IsoError };
