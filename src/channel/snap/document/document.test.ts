/** The document says what the channel does: every service, fields and examples that hold by their own schema, and all cases. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify, { type FastifyInstance } from 'fastify';
import { CASES, SERVICES, type CaseName, type ServiceCode } from '../code.ts';
import { answerExample, answerSchema, casesOf, openApiOf, requestSchema } from './document.ts';
import { renderDocument } from './page.ts';
import { SnapRefusal } from '../fault.ts';
import { FIELDS } from '../field.ts';
import { readBody } from '../read-body.ts';
import { SERVICE_DOCS } from './service.ts';
import type { Schema } from './service-schema.ts';

interface Operation {
  readonly summary: string;
  readonly description: string;
  readonly parameters: readonly { readonly name: string; readonly description: string }[];
  readonly requestBody: { readonly content: Content };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content: Content }>
  >;
}
type Content = Readonly<
  Record<
    'application/json',
    {
      readonly schema: Schema;
      readonly example?: unknown;
      readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
    }
  >
>;

const CODES = Object.values(SERVICES);

/** Says by Fastify's own validator, without coercion, whether a value has a form. */
const validators = new Map<string, FastifyInstance>();

/** By Fastify's own validator, which changes nothing here. */
async function isValid(schema: Schema, value: unknown): Promise<boolean> {
  const key = JSON.stringify(schema);
  let app = validators.get(key);
  if (!app) {
    app = fastify({ ajv: { customOptions: { coerceTypes: false, removeAdditional: false } } });
    app.post('/', { schema: { body: schema } }, async () => 'ok');
    validators.set(key, app);
  }
  const { statusCode } = await app.inject({ method: 'POST', url: '/', payload: value as object });
  return statusCode === 200;
}

function operations(): readonly (readonly [string, Operation])[] {
  const { paths } = openApiOf('Bank') as { paths: Record<string, { post: Operation }> };
  return Object.entries(paths).map(([path, { post }]) => [path, post]);
}

test('openApiOf() has every service with a summary, described headers, and examples that hold by their own schema', async () => {
  assert.deepEqual(
    operations().map(([path]) => path),
    Object.keys(SERVICES).map((path) => `/v1.0${path}`),
  );
  for (const [path, operation] of operations()) {
    assert.ok(operation.summary && operation.description, path);
    for (const { name, description } of operation.parameters)
      assert.ok(description, `${path} ${name}`);
    const { schema, example } = operation.requestBody.content['application/json'];
    assert.ok(await isValid(schema, example), `${path} request`);
    assert.equal(await isValid(schema, { ...(example as object), unknownField: 'x' }), false, path);
    for (const [status, { content }] of Object.entries(operation.responses)) {
      const { schema: form, examples = {} } = content['application/json'];
      for (const [code, { value }] of Object.entries(examples)) {
        assert.equal(code.slice(0, 3), status);
        assert.equal((value as { responseCode: string }).responseCode, code);
        assert.ok(await isValid(form, value), `${path} ${code}`);
      }
    }
  }
});

test('the channel itself accepts every request example, and refuses it without a field that the document calls mandatory', () => {
  for (const service of CODES) {
    const { request } = SERVICE_DOCS[service];
    const bytes = (body: object): Buffer => Buffer.from(JSON.stringify(body));
    readBody(FIELDS[service], bytes(request));
    for (const name of requestSchema(service).required ?? []) {
      const { [name]: _left, ...rest } = request;
      assert.throws(
        () => readBody(FIELDS[service], bytes(rest)),
        SnapRefusal,
        `${service} ${name}`,
      );
    }
  }
});

test('T4 every case of the channel stands with a service, and each service names its codes once', () => {
  const told = new Set<CaseName>(CODES.flatMap((service) => casesOf(service)));
  const missing = (Object.keys(CASES) as CaseName[]).filter(
    // Of no service: a path that there is not.
    (name) => !told.has(name) && name !== 'notFound',
  );
  assert.deepEqual(missing, []);
  for (const service of CODES) {
    const codes = casesOf(service).map((name) => `${CASES[name].http}${CASES[name].code}`);
    assert.deepEqual(codes, [...new Set(codes)], service);
  }
});

test('answerExample() has every mandatory field of its service, and both languages have words', () => {
  for (const service of CODES as readonly ServiceCode[]) {
    for (const name of answerSchema(service).required ?? [])
      assert.ok(Object.hasOwn(answerExample(service), name), `${service} ${name}`);
    const { en, id } = SERVICE_DOCS[service];
    assert.ok(en.title && en.text && id.title && id.text);
    assert.notEqual(en.text, id.text);
  }
});

test('renderDocument() shows every service, the worked signature of domain.md 3.3, and asks nothing of elsewhere', () => {
  for (const language of ['id', 'en'] as const) {
    const page = renderDocument('Bank <Uji>', language);
    for (const service of CODES) assert.ok(page.includes(`id="service-${service}"`));
    assert.ok(
      page.includes(
        'du/HwZd10a0ld0O9wzZXkIjAko6ibIUa4APv7vw+MvMNmRasJSssHlR4BigBQ3lyZs7N4sMWo7OsTMrCKARb2A==',
      ),
    );
    assert.ok(page.includes('Bank &lt;Uji&gt;'));
    assert.doesNotMatch(page, /<script|(src|href)="(https?:)?\/\//);
  }
});
