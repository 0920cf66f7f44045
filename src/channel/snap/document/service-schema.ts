/** What is said of a service, and the schemas that say it. */
import type { CaseName } from '../code.ts';

/** A JSON schema, as much of it as we need. */
export interface Schema {
  readonly type: 'string' | 'integer' | 'object' | 'array';
  readonly minimum?: number;
  readonly maximum?: number;
  readonly description?: string;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
  readonly items?: Schema;
  readonly maxItems?: number;
}

export interface ServiceDoc {
  readonly en: { readonly title: string; readonly text: string };
  readonly id: { readonly title: string; readonly text: string };
  readonly request: Readonly<Record<string, unknown>>;
  /** Fields of a successful answer beside responseCode and responseMessage. */
  readonly answer: Readonly<Record<string, Schema>>;
  /** Of `answer`, what may be absent. */
  readonly optional: readonly string[];
  readonly answerExample: Readonly<Record<string, unknown>>;
  /** Beside those that every signed request can end in. */
  readonly cases: readonly CaseName[];
}

/** A text of at most `maxLength` characters. */
export const textSchema = (maxLength: number, pattern?: string): Schema => ({
  type: 'string',
  maxLength,
  ...(pattern !== undefined && { pattern }),
});

/** An amount object. */
export const AMOUNT_SCHEMA: Schema = {
  type: 'object',
  properties: {
    value: textSchema(19, '^-?\\d{1,16}\\.\\d{2}$'),
    currency: textSchema(3, '^IDR$'),
  },
  required: ['value', 'currency'],
  additionalProperties: false,
};

/** An amount of money as it stands in an example. */
export const idr = (value: string): { readonly value: string; readonly currency: string } => ({
  value,
  currency: 'IDR',
});
