/** The OpenAPI document of the partner API, made from what the channel itself goes by: `SERVICES`, `FIELDS`, `CASES` and the words of
 * `service.ts`. Pure. */
import { CASES, responseCode, SERVICES, type CaseName, type ServiceCode } from '../code.ts';
import { FIELDS, type Field } from '../field.ts';
import { SERVICE_DOCS, SIGNED_CASES } from './service.ts';
import { AMOUNT_SCHEMA, textSchema, type Schema } from './service-schema.ts';

/** A request that does not need a token can end in these. */
const TOKEN_CASES: readonly CaseName[] = SIGNED_CASES.filter(
  (name) => !['invalidToken', 'tokenNotFound', 'conflict'].includes(name),
);

/** The cases that a service can end in, by HTTP status and case. */
export function casesOf(service: ServiceCode): readonly CaseName[] {
  const all = [...(isToken(service) ? TOKEN_CASES : SIGNED_CASES), ...SERVICE_DOCS[service].cases];
  const rank = (name: CaseName): string => responseCode('00', name);
  return [...new Set(all)].toSorted((a, b) => rank(a).localeCompare(rank(b)));
}

/** The form of a request's body. */
export function requestSchema(service: ServiceCode): Schema {
  const fields: Readonly<Record<string, Field>> = FIELDS[service];
  const required = Object.keys(fields).filter((name) => fields[name]!.isMandatory);
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: false,
  };
}

function fieldSchema(field: Field): Schema {
  switch (field.kind) {
    case 'text':
      return { ...textSchema(field.max), pattern: field.form.source };
    case 'amount':
      return AMOUNT_SCHEMA;
    case 'time':
      return { ...textSchema(field.max), description: 'yyyy-MM-ddTHH:mm:ss+07:00' };
    case 'count':
      return { type: 'integer', minimum: 0, maximum: field.max };
    case 'object':
      return { type: 'object' };
    case 'list':
      return { type: 'array', maxItems: field.max };
  }
}

/** The form of a successful answer. */
export function answerSchema(service: ServiceCode): Schema {
  const { answer, optional } = SERVICE_DOCS[service];
  return {
    type: 'object',
    properties: { ...ENVELOPE, ...answer },
    required: [
      ...Object.keys(ENVELOPE),
      ...Object.keys(answer).filter((name) => !optional.includes(name)),
    ],
    additionalProperties: false,
  };
}

const ENVELOPE: Readonly<Record<string, Schema>> = {
  responseCode: textSchema(7, '^\\d{7}$'),
  responseMessage: textSchema(150),
};

/** A whole successful answer. */
export function answerExample(service: ServiceCode): Readonly<Record<string, unknown>> {
  return { ...caseExample(service, 'successful'), ...SERVICE_DOCS[service].answerExample };
}

function caseExample(service: ServiceCode, name: CaseName) {
  return { responseCode: responseCode(service, name), responseMessage: CASES[name].message };
}

/** A header of a request. */
export interface HeaderDoc {
  readonly name: string;
  readonly isMandatory: boolean;
  readonly schema: Schema;
  readonly text: { readonly en: string; readonly id: string };
}

const TIMESTAMP: HeaderDoc = {
  name: 'X-TIMESTAMP',
  isMandatory: true,
  schema: textSchema(25),
  text: {
    en: 'Your time with its offset; within 5 minutes of ours',
    id: 'Waktu Anda dengan selisih zona; paling jauh 5 menit dari kami',
  },
};

/** The headers that a service takes. */
export function headersOf(service: ServiceCode): readonly HeaderDoc[] {
  if (isToken(service)) return TOKEN_HEADERS;
  return CUSTOMER_SERVICES.has(service) ? [...SIGNED_HEADERS, ...CUSTOMER_HEADERS] : SIGNED_HEADERS;
}

function isToken(service: ServiceCode): boolean {
  return service === '73' || service === '74';
}

/** Services that read, debit or pay from a customer's account by the customer's token. */
const CUSTOMER_SERVICES: ReadonlySet<ServiceCode> = new Set(['11', '12', '13', '14', '50', '54']);

const CUSTOMER_HEADERS: readonly HeaderDoc[] = [
  {
    name: 'Authorization-Customer',
    isMandatory: false,
    schema: textSchema(2_055),
    text: {
      en: 'Bearer and the customer’s token; without it your own accounts are read',
      id: 'Bearer dan token nasabah; tanpa header ini rekening Anda sendiri yang dibaca',
    },
  },
  {
    name: 'X-DEVICE-ID',
    isMandatory: false,
    schema: textSchema(400),
    text: {
      en: 'The customer’s device; mandatory with Authorization-Customer',
      id: 'Perangkat nasabah; wajib bersama Authorization-Customer',
    },
  },
];

const TOKEN_HEADERS: readonly HeaderDoc[] = [
  TIMESTAMP,
  {
    name: 'X-CLIENT-KEY',
    isMandatory: true,
    schema: textSchema(36),
    text: { en: 'Your client id', id: 'Client id Anda' },
  },
  {
    name: 'X-SIGNATURE',
    isMandatory: true,
    schema: textSchema(1_400),
    text: {
      en: 'Base64 of SHA256withRSA over clientId|timestamp',
      id: 'Base64 dari SHA256withRSA atas clientId|waktu',
    },
  },
];

const SIGNED_HEADERS: readonly HeaderDoc[] = [
  {
    name: 'Authorization',
    isMandatory: false,
    schema: textSchema(2_055),
    text: {
      en: 'Bearer and your token; left out where you agreed on asymmetric signatures',
      id: 'Bearer dan token Anda; tanpa header ini bila disepakati tanda tangan asimetris',
    },
  },
  TIMESTAMP,
  {
    name: 'X-SIGNATURE',
    isMandatory: true,
    schema: textSchema(1_400),
    text: { en: 'See Signature', id: 'Lihat Tanda tangan' },
  },
  {
    name: 'X-PARTNER-ID',
    isMandatory: true,
    schema: textSchema(36),
    text: { en: 'Your client id', id: 'Client id Anda' },
  },
  {
    name: 'X-EXTERNAL-ID',
    isMandatory: true,
    schema: textSchema(36, '^\\d{1,36}$'),
    text: {
      en: 'Digits; new for each request of a day',
      id: 'Angka; baru untuk setiap permintaan dalam sehari',
    },
  },
  {
    name: 'CHANNEL-ID',
    isMandatory: true,
    schema: textSchema(5),
    text: { en: 'One that you agreed with us', id: 'Yang disepakati dengan kami' },
  },
];

/** The document. */
export function openApiOf(bankName: string): Readonly<Record<string, unknown>> {
  return {
    openapi: '3.1.0',
    info: {
      title: `${bankName}: SNAP BI`,
      version: '1.0.2',
      description:
        'Partner API by Standar Nasional Open API Pembayaran. Signatures, rules and cases: /partner-api/en/',
    },
    paths: Object.fromEntries(
      Object.entries(SERVICES).map(([path, service]) => [
        `/v1.0${path}`,
        { post: operationOf(service) },
      ]),
    ),
  };
}

function operationOf(service: ServiceCode): Readonly<Record<string, unknown>> {
  const { en, request } = SERVICE_DOCS[service];
  const json = (schema: Schema, example: unknown) => ({
    'application/json': { schema, example },
  });
  return {
    operationId: `service${service}`,
    summary: en.title,
    description: en.text,
    parameters: headersOf(service).map(({ name, isMandatory, schema, text }) => ({
      name,
      in: 'header',
      required: isMandatory,
      description: text.en,
      schema,
    })),
    requestBody: { required: true, content: json(requestSchema(service), request) },
    responses: responsesOf(service),
  };
}

function responsesOf(service: ServiceCode): Readonly<Record<string, unknown>> {
  const byStatus = Map.groupBy(casesOf(service), (name) => String(CASES[name].http));
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => {
      const refusal: Schema = {
        type: 'object',
        properties: ENVELOPE,
        required: Object.keys(ENVELOPE),
        // A transfer in progress and one that the network refused repeat the request's fields.
        additionalProperties: true,
      };
      const examples = Object.fromEntries(
        names.map((name) => [
          responseCode(service, name),
          { value: name === 'successful' ? answerExample(service) : caseExample(service, name) },
        ]),
      );
      const schema = status === '200' ? answerSchema(service) : refusal;
      const description = names
        .map((name) => `${responseCode(service, name)} ${CASES[name].message}`)
        .join(' · ');
      return [status, { description, content: { 'application/json': { schema, examples } } }];
    }),
  );
}
