import { CASES, responseCode, type CaseName, type ServiceCode } from './code.ts';

/** What goes back to a partner: HTTP status and the JSON text, made by hand so that nothing of ours slips in. */
export interface SnapAnswer {
  readonly http: number;
  readonly caseName: CaseName;
  readonly json: string;
}

/** Source: domain.md 3.4. */
const MESSAGE_LENGTH_MAX = 150;

/** Builds an answer. `detail` names a field or a short reason of ours: mandatory and format cases put it after the words, all
 * others in brackets. */
export function answer(input: {
  readonly service: ServiceCode | '00';
  readonly caseName: CaseName;
  readonly detail?: string | undefined;
  readonly fields?: Readonly<Record<string, unknown>>;
}): SnapAnswer {
  const { service, caseName, detail, fields } = input;
  const known = CASES[caseName];
  const isField = caseName === 'missingField' || caseName === 'invalidFormat';
  const message =
    detail === undefined
      ? known.message
      : isField
        ? `${known.message} ${detail}`
        : `${known.message}. [${detail}]`;
  const json = JSON.stringify({
    responseCode: responseCode(service, caseName),
    responseMessage: message.slice(0, MESSAGE_LENGTH_MAX),
    ...fields,
  });
  return { http: known.http, caseName, json };
}

/** An amount as SNAP writes it. */
export function amountObject(value: string): { readonly value: string; readonly currency: 'IDR' } {
  return { value, currency: 'IDR' };
}
