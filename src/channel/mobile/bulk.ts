/** Lists of transfers: a company uploads one, sees the fault of each row, agrees word for word with its PIN, and follows it. What may be sent is
 * decided behind the port. */
import { Type } from 'typebox';
import type { Bulk, ChangeResult } from '../../bulk/port.ts';
import { FILE_BYTES_MAX } from '../../bulk/read-file.ts';
import { sessionOf } from '../session/require.ts';
import { bulkConsentText, showBulk, showCan, showParts, showRow, showSum } from './bulk-view.ts';
import { demandPin, orUnknown, PIN_RATE } from './consent.ts';
import { readReader } from './home.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import type { Scope } from './register.ts';
import * as bulkSchema from './schema-bulk.ts';
import * as schema from './schema.ts';
import { PinBody } from './schema-standing.ts';
import { selectAccountNumbers, selectPaymentStates } from './store.ts';
import { wireAmount, type Reader } from './view.ts';

const Id = Type.Object({ id: Type.String({ maxLength: 40 }) }, { additionalProperties: false });
const KeyHeader = Type.Object({ 'idempotency-key': Type.Optional(Type.String()) });
/** A file in JSON, where each character may be escaped. */
const BODY_BYTES_MAX = FILE_BYTES_MAX + 1_000_000;
/** Uploads per customer and minute: a person tries again, and nobody fills the database. */
const UPLOAD_RATE = { max: 6, timeWindow: 60_000, hook: 'preHandler' } as const;
const ROWS_PER_PAGE = 100;

/** Registers them. */
export function registerBulks(scope: Scope, deps: MobileDeps): void {
  registerUpload(scope, deps);
  registerReading(scope, deps);
  registerChanging(scope, deps);
}

function keyOf(headers: { readonly 'idempotency-key'?: string }): string {
  const key = headers['idempotency-key'];
  if (key === undefined || !new RegExp(schema.KEY_PATTERN).test(key))
    throw new Refused('key_missing');
  return key;
}

function registerUpload(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/bulks',
    {
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        body: bulkSchema.BulkBody,
        headers: KeyHeader,
        response: { 200: bulkSchema.BulkDetail },
      },
      config: { rateLimit: UPLOAD_RATE },
    },
    async (request) => {
      const key = keyOf(request.headers);
      const { subject: customerId } = sessionOf(request);
      const { fromAccount, name, file } = request.body;
      if (!(await selectAccountNumbers(deps.db, customerId)).includes(fromAccount))
        throw new Refused('account_not_yours');
      const command = { customerId, key, name, debitAccount: fromAccount, file };
      const result = await deps.bulks.upload(command);
      if (!result.ok)
        throw new Refused(result.reason, result.line === undefined ? {} : { line: result.line });
      const { bulk, isRepeat } = result;
      return {
        ...(await showDetail(deps, { bulk, reader: await readReader(deps, request) })),
        isRepeat,
      };
    },
  );
}

function registerReading(scope: Scope, deps: MobileDeps): void {
  scope.get('/bulks', { schema: { response: { 200: bulkSchema.BulkList } } }, async (request) => {
    const { subject, language } = sessionOf(request);
    const [limits, bulks] = await Promise.all([
      deps.bulks.limits(subject),
      deps.bulks.list(subject),
    ]);
    return {
      ...(limits && { limits: { rowMax: limits.rowMax, dayMax: wireAmount(limits.dayMaxSen) } }),
      bulks: bulks.map((bulk) => showBulk(bulk, language)),
    };
  });

  scope.get(
    '/bulks/:id',
    {
      schema: {
        params: Id,
        querystring: bulkSchema.BulkRowsQuery,
        response: { 200: bulkSchema.BulkDetail },
      },
    },
    async (request) => {
      const customerId = sessionOf(request).subject;
      const bulk = await deps.bulks.find({ id: request.params.id, customerId });
      if (!bulk) throw new Refused('not_found');
      return showDetail(deps, {
        bulk,
        reader: await readReader(deps, request),
        ...request.query,
      });
    },
  );
}

function registerChanging(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/bulks/:id/confirm',
    {
      schema: {
        params: Id,
        headers: KeyHeader,
        body: bulkSchema.BulkConfirmBody,
        response: { 200: bulkSchema.BulkDetail },
      },
      config: { rateLimit: PIN_RATE },
    },
    async (request) => {
      const key = keyOf(request.headers);
      const session = sessionOf(request);
      const own = { id: request.params.id, customerId: session.subject };
      const bulk = await deps.bulks.find(own);
      if (!bulk) throw new Refused('not_found');
      const { language } = session;
      if (bulk.agreed?.key !== key)
        await examineOffer(deps, bulk, { text: request.body.text, language });
      await demandPin(deps, { session, pin: request.body.pin });
      const { text } = request.body;
      const { tokenHash: sessionHash, device } = session;
      const result = await orUnknown(deps, bulk.id, () =>
        deps.bulks.confirm(own, { key, text, language, sessionHash, device }),
      );
      return showChanged(deps, { result, reader: await readReader(deps, request) });
    },
  );

  // Both only keep money in: no PIN.
  for (const verb of ['pause', 'cancel'] as const) {
    scope.post(
      `/bulks/:id/${verb}`,
      { schema: { params: Id, response: { 200: bulkSchema.BulkDetail } } },
      async (request) => {
        const { subject: customerId } = sessionOf(request);
        const result = await deps.bulks[verb]({ id: request.params.id, customerId });
        return showChanged(deps, { result, reader: await readReader(deps, request) });
      },
    );
  }

  scope.post(
    '/bulks/:id/resume',
    {
      schema: { params: Id, body: PinBody, response: { 200: bulkSchema.BulkDetail } },
      config: { rateLimit: PIN_RATE },
    },
    async (request) => {
      const session = sessionOf(request);
      const own = { id: request.params.id, customerId: session.subject };
      if (!(await deps.bulks.find(own))) throw new Refused('not_found');
      await demandPin(deps, { session, pin: request.body.pin });
      const result = await deps.bulks.resume(own);
      return showChanged(deps, { result, reader: await readReader(deps, request) });
    },
  );
}

/** Refuses what was not shown, and what the account does not cover now. */
async function examineOffer(
  deps: MobileDeps,
  bulk: Bulk,
  shown: { readonly text: string; readonly language: 'id' | 'en' },
): Promise<void> {
  if (bulk.state === 'checking') throw new Refused('bulk_not_ready');
  if (bulk.state !== 'ready') throw new Refused('bulk_over');
  const offer = await offerOf(deps, bulk);
  if (!offer || bulkConsentText(bulk, { offer, language: shown.language }) !== shown.text)
    throw new Refused('terms_changed');
  const balance = await deps.balance(bulk.debitAccount);
  if (!balance || balance.availableSen < offer.amountSen + offer.feeSen)
    throw new Refused('insufficient_funds');
}

async function offerOf(deps: MobileDeps, bulk: Bulk) {
  return (await deps.bulks.sums(bulk.id)).find(({ state }) => state === 'checked');
}

async function showChanged(
  deps: MobileDeps,
  { result, reader }: { readonly result: ChangeResult; readonly reader: Reader },
) {
  if (!result.ok) throw new Refused(result.reason);
  return showDetail(deps, { bulk: result.bulk, reader });
}

async function showDetail(
  deps: MobileDeps,
  input: {
    readonly bulk: Bulk;
    readonly reader: Reader;
    readonly after?: number;
    readonly only?: 'all' | 'unpaid';
  },
) {
  const { bulk, reader, after = 0, only = 'all' } = input;
  const { language } = reader;
  const [sums, rows] = await Promise.all([
    deps.bulks.sums(bulk.id),
    deps.bulks.rows(bulk.id, { after, only }),
  ]);
  const ids = rows.flatMap(({ paymentId }) => paymentId ?? []);
  const states = new Map(
    (ids.length === 0 ? [] : await selectPaymentStates(deps.db, ids)).map((row) => [
      row.id,
      row.state,
    ]),
  );
  const offer = bulk.state === 'ready' && sums.find(({ state }) => state === 'checked');
  const last = rows.at(-1);
  return {
    bulk: showBulk(bulk, language),
    parts: showParts(bulk, { sums, language }),
    ...(offer && {
      offer: { ...showSum(offer), text: bulkConsentText(bulk, { offer, language }) },
    }),
    can: showCan(bulk),
    rows: rows.map((row) =>
      showRow(row, { bulk, reader, payment: states.get(row.paymentId ?? '') }),
    ),
    ...(last && rows.length === ROWS_PER_PAGE && { nextAfter: last.position }),
  };
}
