/** The room "Pencocokan": what three sides say of a business date, its report as CSV, and what people do with breaks. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { createPrivateKey } from 'node:crypto';
import { newId } from '../../kernel/ids.ts';
import { wibDate } from '../../kernel/time.ts';
import { matchCsv, readMatchDay, type MatchDay } from '../../reconcile/figure.ts';
import {
  proposalOf,
  CORRECTION_BOOKS,
  signProposal,
  type Proposal,
} from '../../reconcile/proposal.ts';
import {
  approveEnd,
  noteBreak,
  proposeEnd,
  takeBreak,
  withdrawEnd,
  type BreakResult,
} from '../../reconcile/settle-break.ts';
import {
  findProposal,
  listBookAccounts,
  listNotes,
  listOpenBreaks,
  listProposals,
} from '../../reconcile/store-break.ts';
import { sendProblem } from '../session/problem.ts';
import { sessionOf } from '../session/require.ts';
import { BREAK_WORDS } from './break-words.ts';
import type { ConsoleInput } from './port.ts';
import {
  ApproveBody,
  BreakParams,
  EndBody,
  MatchQuery,
  NoteBody,
  type ApproveInput,
  type BreakInput,
  type EndInput,
  type MatchInput,
  type NoteInput,
} from './schema.ts';
import { CONSOLE_WORDS, type Language } from './words.ts';

/** Breaks of one page; the report counts them all. */
const BREAKS_MAX = 200;
/** The sums of a date read its whole day, so they are asked for at most this often, whoever looks. */
const DAY_KEPT_MS = 15_000;
/** Dates kept: who pages back through a month asks anew. */
const DAYS_KEPT_MAX = 8;
/** A page asks every two seconds. */
const READ_LIMIT = { config: { rateLimit: { max: 120, timeWindow: 60_000 } } } as const;
const SIGNING_LIMIT = { config: { rateLimit: { max: 20, timeWindow: 60_000 } } } as const;

/** Puts the routes of the room on `app`; `maySettle` says which roles may act. */
export function registerMatch(
  app: FastifyInstance,
  input: ConsoleInput,
  maySettle: ReadonlySet<string>,
): void {
  const readDay = keptDays(input);
  app.get('/match', { schema: { querystring: MatchQuery }, ...READ_LIMIT }, async (request) => {
    const { date } = request.query as MatchInput;
    const day = await readDay(date ?? wibDate(input.time.now()));
    return { ...dayView(day), ...(await readBreaks(input, sessionOf(request).subject)) };
  });
  app.get(
    '/match.csv',
    { schema: { querystring: MatchQuery }, ...READ_LIMIT },
    async (request, reply) => {
      const { date } = request.query as MatchInput;
      const { value } = await readDay(date ?? wibDate(input.time.now()));
      return reply
        .header('content-disposition', `attachment; filename="match-${value.businessDate}.csv"`)
        .header('cache-control', 'no-store')
        .type('text/csv; charset=utf-8')
        .send(matchCsv(value));
    },
  );
  app.register(async (acts) => {
    acts.addHook('preHandler', async (request, reply) => {
      const { role, language } = sessionOf(request);
      if (maySettle.has(role ?? '')) return;
      const words = CONSOLE_WORDS.not_allowed;
      await sendProblem(reply, { status: words.status, code: 'not_allowed', ...words[language] });
    });
    registerWork(acts, input);
    registerEnds(acts, input);
  });
}

interface Kept {
  readonly value: MatchDay;
  readonly atMs: number;
}

/** The newest answer per date, one question at a time. */
function keptDays({ db, time }: ConsoleInput): (date: string) => Promise<Kept> {
  const kept = new Map<string, { readonly askedAtMs: number; readonly answer: Promise<Kept> }>();
  return (date) => {
    const nowMs = time.now();
    const known = kept.get(date);
    if (known && Math.abs(nowMs - known.askedAtMs) < DAY_KEPT_MS) return known.answer;
    const answer = readMatchDay(db, date).then((value) => ({ value, atMs: nowMs }));
    kept.delete(date);
    kept.set(date, { askedAtMs: nowMs, answer });
    answer.catch(() => kept.delete(date));
    for (const oldest of kept.keys()) {
      if (kept.size <= DAYS_KEPT_MAX) break;
      kept.delete(oldest);
    }
    return answer;
  };
}

function dayView({ value, atMs }: Kept): object {
  return JSON.parse(
    JSON.stringify({ ...value, atMs }, (_, one: unknown) =>
      typeof one === 'bigint' ? String(one) : one,
    ),
  ) as object;
}

async function readBreaks(input: ConsoleInput, staffId: string): Promise<object> {
  const { db, time } = input;
  const rows = await listOpenBreaks(db, BREAKS_MAX);
  const ids = rows.map(({ id }) => id);
  const [notes, proposals, accounts, matchAgeMs, others] = await Promise.all([
    listNotes(db, ids),
    listProposals(db, ids),
    listBookAccounts(db, CORRECTION_BOOKS),
    input.matchAgeMs(),
    input.railMatchAges(),
  ]);
  return {
    nowMs: time.now(),
    matchAgeMs: matchAgeMs ?? null,
    railMatchAges: { ...others, ...(matchAgeMs !== undefined && { bifast: matchAgeMs }) },
    accounts,
    breaks: rows.map((row) => {
      const proposed = proposals.find(({ break_id }) => break_id === row.id);
      return {
        id: row.id,
        rail: row.rail,
        kind: row.kind,
        bizMsgIdr: row.biz_msg_idr,
        amountSen: String(row.amount_sen),
        reason: row.detail.split(' ', 1)[0]!,
        openedAtMs: row.opened_at.getTime(),
        owner: row.owner_name,
        isYours: row.owner_id === staffId,
        notes: notes
          .filter(({ break_id }) => break_id === row.id)
          .map(({ name, written_at, note }) => ({ name, atMs: written_at.getTime(), note })),
        proposal: proposed
          ? {
              id: proposed.id,
              debitAccount: proposed.debit_account,
              creditAccount: proposed.credit_account,
              amountSen: proposed.amount_sen === null ? null : String(proposed.amount_sen),
              reason: proposed.reason,
              by: proposed.proposed_name,
              atMs: proposed.proposed_at.getTime(),
              isYours: proposed.proposed_by === staffId,
            }
          : null,
      };
    }),
  };
}

function registerWork(app: FastifyInstance, { db, time, random }: ConsoleInput): void {
  app.post('/breaks/:id/take', { schema: { params: BreakParams } }, async (request, reply) => {
    const { subject, language } = sessionOf(request);
    const { id } = request.params as BreakInput;
    const result = await takeBreak({ db, nowMs: time.now(), staffId: subject, breakId: id });
    return answer(reply, { result, language, id });
  });
  app.post(
    '/breaks/:id/notes',
    { schema: { params: BreakParams, body: NoteBody } },
    async (request, reply) => {
      const { subject, language } = sessionOf(request);
      const { id: breakId } = request.params as BreakInput;
      const { note } = request.body as NoteInput;
      const nowMs = time.now();
      const id = newId('brn', nowMs, random);
      const result = await noteBreak({ db, nowMs, staffId: subject, breakId, id, note });
      return answer(reply, { result, language, id });
    },
  );
}

function registerEnds(app: FastifyInstance, input: ConsoleInput): void {
  const { db, time, roster, ledger, random } = input;
  app.post(
    '/breaks/:id/proposals',
    { schema: { params: BreakParams, body: EndBody }, ...SIGNING_LIMIT },
    async (request, reply) => {
      const { subject: staffId, language } = sessionOf(request);
      const body = request.body as EndInput;
      const nowMs = time.now();
      const proposal: Proposal = {
        id: newId('bpr', nowMs, random),
        breakId: (request.params as BreakInput).id,
        breakAmountSen: BigInt(body.breakAmountSen),
        ...(body.correction && {
          correction: { ...body.correction, amountSen: BigInt(body.correction.amountSen) },
        }),
        reason: body.reason,
      };
      const signature = await signAs(input, { staffId, password: body.password, proposal });
      const result = await proposeEnd({ db, roster, nowMs, staffId, proposal, signature });
      return answer(reply, { result, language, id: proposal.id });
    },
  );
  app.post(
    '/proposals/:id/approve',
    { schema: { params: BreakParams, body: ApproveBody }, ...SIGNING_LIMIT },
    async (request, reply) => {
      const { subject: staffId, language } = sessionOf(request);
      const { id } = request.params as BreakInput;
      const { password } = request.body as ApproveInput;
      const row = await findProposal(db, id);
      if (!row) return answer(reply, { result: { ok: false, reason: 'not_found' }, language, id });
      const signature = await signAs(input, { staffId, password, proposal: proposalOf(row) });
      const nowMs = time.now();
      const asked = { db, roster, ledger, nowMs, staffId, signature, proposalId: id };
      return answer(reply, { result: await approveEnd(asked), language, id });
    },
  );
  app.post(
    '/proposals/:id/withdraw',
    { schema: { params: BreakParams } },
    async (request, reply) => {
      const { subject: staffId, language } = sessionOf(request);
      const { id } = request.params as BreakInput;
      const result = await withdrawEnd({ db, nowMs: time.now(), staffId, proposalId: id });
      return answer(reply, { result, language, id });
    },
  );
}

/** The key is opened with the password typed now, signs this proposal, and is forgotten. A wrong password signs nothing: the empty
 * signature is refused where all are checked. */
async function signAs(
  input: ConsoleInput,
  of: { readonly staffId: string; readonly password: string; readonly proposal: Proposal },
): Promise<string> {
  const pem = await input.access.openStaffKey({ staffId: of.staffId, password: of.password });
  return pem === undefined ? '' : signProposal(createPrivateKey(pem), of.proposal);
}

function answer(
  reply: FastifyReply,
  of: { readonly result: BreakResult; readonly language: Language; readonly id: string },
): FastifyReply {
  if (of.result.ok) return reply.code(201).send({ id: of.id });
  const { reason } = of.result;
  const words = BREAK_WORDS[reason];
  return sendProblem(reply, { status: words.status, code: reason, ...words[of.language] });
}
