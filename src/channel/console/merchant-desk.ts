/** What staff ask and approve about merchants, each act with the password typed now: open, close, refund at a branch; and the record of codes
 * that somebody may have pasted over a merchant's own. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sha256 } from '../../kernel/canonical.ts';
import { maskAccount } from '../../kernel/log.ts';
import { sen } from '../../kernel/money.ts';
import type { DeskAsk, DeskResult, NewMerchant } from '../../merchant/desk.ts';
import type { RequestListRow } from '../../merchant/store-desk.ts';
import { sendProblem } from '../session/problem.ts';
import { sessionOf } from '../session/require.ts';
import { DESK_WORDS, SETTLEMENT_ACCOUNT } from './merchant-words.ts';
import type { ConsoleInput } from './port.ts';
import { refuse } from './refuse.ts';
import {
  MerchantCloseBody,
  MerchantOpenBody,
  MerchantRefundBody,
  RequestParams,
  WarningsQuery,
  type MerchantCloseInput,
  type MerchantOpenInput,
  type MerchantRefundInput,
  type RequestInput,
  type WarningsInput,
} from './schema-merchant.ts';
import { ApproveBody, MerchantParams, type ApproveInput, type MerchantInput } from './schema.ts';

const MAY_ASK = new Set(['operator', 'risk', 'compliance', 'admin']);
const MAY_APPROVE = new Set(['operator', 'risk', 'compliance']);
const RATE = { rateLimit: { max: 20, timeWindow: 60_000 } };
const ID_DIGITS = 32;

type Input = Pick<ConsoleInput, 'desk' | 'time'> & {
  readonly access: Pick<ConsoleInput['access'], 'openStaffKey'>;
};

/** Puts them on the console API: `/merchant-requests`, `/merchants/:id/close`, `/merchants/:id/refunds`, `/merchant-warnings`. */
export function registerMerchantDesk(app: FastifyInstance, input: Input): void {
  const { desk, time } = input;
  app.get('/merchant-requests', async (request) => {
    const { subject, role } = sessionOf(request);
    const rows = await desk.list();
    return {
      atMs: time.now(),
      mayAsk: MAY_ASK.has(role ?? ''),
      mayApprove: MAY_APPROVE.has(role ?? ''),
      refundAloneSen: String(await desk.refundAloneSen()),
      requests: rows.map((row) => showRequest(row, subject)),
    };
  });
  app.get('/merchant-warnings', { schema: { querystring: WarningsQuery } }, async (request) => {
    const { merchant } = request.query as WarningsInput;
    const rows = await desk.warnings(merchant === undefined ? {} : { merchantId: merchant });
    return {
      atMs: time.now(),
      warnings: rows.map((row) => ({
        merchantId: row.merchant_id,
        merchant: row.merchant_name,
        nmid: row.nmid,
        acquirer: row.acquirer,
        warnings: row.warnings,
        channel: row.channel,
        scannedBy: row.scanned_by,
        seenAtMs: row.seen_at.getTime(),
      })),
    };
  });
  registerAsks(app, input);
  registerWords(app, input);
}

function registerAsks(app: FastifyInstance, input: Input): void {
  app.post(
    '/merchant-requests',
    { schema: { body: MerchantOpenBody }, config: RATE },
    (request, reply) => {
      const { merchant, ...body } = request.body as MerchantOpenInput;
      const ask = { kind: 'open', merchant: merchant as NewMerchant } as const;
      return asked(input, { request, reply, ask, ...body });
    },
  );
  app.post(
    '/merchants/:id/close',
    { schema: { params: MerchantParams, body: MerchantCloseBody }, config: RATE },
    (request, reply) => {
      const { id: merchantId } = request.params as MerchantInput;
      const body = request.body as MerchantCloseInput;
      return asked(input, { request, reply, ask: { kind: 'close', merchantId }, ...body });
    },
  );
  app.post(
    '/merchants/:id/refunds',
    { schema: { params: MerchantParams, body: MerchantRefundBody }, config: RATE },
    (request, reply) => {
      const { id: merchantId } = request.params as MerchantInput;
      const { saleId, amountSen, ...body } = request.body as MerchantRefundInput;
      const ask = {
        kind: 'refund',
        merchantId,
        saleId,
        amountSen: sen(BigInt(amountSen)),
      } as const;
      return asked(input, { request, reply, ask, ...body });
    },
  );
}

function registerWords(app: FastifyInstance, input: Input): void {
  app.post(
    '/merchant-requests/:id/approve',
    { schema: { params: RequestParams, body: ApproveBody }, config: RATE },
    async (request, reply) => {
      const { subject: staffId, role, language } = sessionOf(request);
      if (!MAY_APPROVE.has(role ?? '')) return refuse(reply, { code: 'not_allowed', language });
      const { id } = request.params as RequestInput;
      const { password } = request.body as ApproveInput;
      if ((await input.access.openStaffKey({ staffId, password })) === undefined)
        return refuse(reply, { code: 'password_wrong', language, field: 'password' });
      return answer(reply, { language, result: await input.desk.approve({ id, staffId }) });
    },
  );
  app.post(
    '/merchant-requests/:id/withdraw',
    { schema: { params: RequestParams }, config: RATE },
    async (request, reply) => {
      const { subject: staffId, language } = sessionOf(request);
      const { id } = request.params as RequestInput;
      return answer(reply, { language, result: await input.desk.withdraw({ id, staffId }) });
    },
  );
}

async function asked(
  input: Input,
  of: {
    readonly request: FastifyRequest;
    readonly reply: FastifyReply;
    readonly ask: DeskAsk;
    readonly key: string;
    readonly reason: string;
    readonly password: string;
  },
): Promise<FastifyReply> {
  const { reply, ask, reason, password } = of;
  const { subject: staffId, role, language } = sessionOf(of.request);
  if (!MAY_ASK.has(role ?? '')) return refuse(reply, { code: 'not_allowed', language });
  // Who sits down at an open console has no password.
  if ((await input.access.openStaffKey({ staffId, password })) === undefined)
    return refuse(reply, { code: 'password_wrong', language, field: 'password' });
  const id = `mrq_${sha256(`${staffId}:${of.key}`).toString('hex').slice(0, ID_DIGITS)}`;
  const result = await input.desk.ask({ id, ask, reason, staffId });
  return answer(reply, { language, result, isOpening: ask.kind === 'open' });
}

function answer(
  reply: FastifyReply,
  of: {
    readonly language: 'id' | 'en';
    readonly result: DeskResult;
    readonly isOpening?: boolean;
  },
): FastifyReply {
  const { result } = of;
  if (result.ok) return reply.code(201).send({ said: result.state });
  const words =
    of.isOpening === true && result.reason === 'account_not_found'
      ? SETTLEMENT_ACCOUNT
      : DESK_WORDS[result.reason];
  return sendProblem(reply, { status: words.status, code: result.reason, ...words[of.language] });
}

function showRequest(row: RequestListRow, staffId: string) {
  const draft = row.draft === null ? undefined : (JSON.parse(row.draft) as NewMerchant);
  const isOver = row.payment_id !== null || row.refusal !== null;
  return {
    id: row.id,
    kind: row.kind,
    merchantId: row.merchant_id,
    name: draft?.name ?? row.merchant_name,
    // What the second person must compare with the papers.
    opens: draft ? { ...draft, settlementAccount: maskAccount(draft.settlementAccount) } : null,
    saleId: row.sale_id,
    amountSen: row.kind === 'refund' ? String(row.amount_sen) : null,
    reason: row.reason,
    askedBy: row.asked_name,
    isYours: row.asked_by === staffId,
    askedAtMs: row.asked_at.getTime(),
    decision: row.decision,
    decidedBy: row.decided_name,
    refusal: row.refusal,
    /** An approved refund whose end nobody saw. */
    isStuck: row.decision === 'approved' && row.kind === 'refund' && !isOver,
  };
}
