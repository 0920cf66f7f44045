/** The room "Likuiditas": per rail what should lie on our settlement account and what does, how fast it leaves and how long it lasts, and
 * treasury's entries by two people. */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { createPrivateKey } from 'node:crypto';
import { Type, type Static } from 'typebox';
import { RAIL_NAMES, type RailName } from '../../authorisation/instruction.ts';
import {
  POSITION_RAILS,
  readBalance,
  readKnownEntries,
  type KeptBalance,
} from '../../guard/balance-watch.ts';
import { selectNets } from '../../guard/store-balance.ts';
import { newId } from '../../kernel/ids.ts';
import { networkOf } from '../../payment/kind.ts';
import { findEntry, listEntries, selectDone } from '../../reconcile/store-treasury.ts';
import {
  approveEntry,
  proposeEntry,
  signEntry,
  sumSigned,
  withdrawEntry,
  type TreasuryEntry,
  type TreasuryResult,
} from '../../reconcile/treasury.ts';
import { sendProblem } from '../session/problem.ts';
import { sessionOf } from '../session/require.ts';
import type { ConsoleInput } from './port.ts';
import { ApproveBody, BreakParams, type ApproveInput, type BreakInput } from './schema.ts';
import { TREASURY_WORDS } from './treasury-words.ts';
import { CONSOLE_WORDS, type Language } from './words.ts';

const ENTRIES_MAX = 50;
const EntryBody = Type.Object(
  {
    rail: Type.Union(RAIL_NAMES.map((name) => Type.Literal(name))),
    direction: Type.Union([Type.Literal('top_up'), Type.Literal('withdrawal')]),
    amountSen: Type.String({ pattern: '^[1-9][0-9]{0,17}$' }),
    reference: Type.String({ pattern: '^[A-Za-z0-9/._-]{3,60}$' }),
    password: Type.String({ minLength: 1, maxLength: 200 }),
  },
  { additionalProperties: false },
);
const READ_LIMIT = { config: { rateLimit: { max: 120, timeWindow: 60_000 } } } as const;
const SIGNING_LIMIT = { config: { rateLimit: { max: 20, timeWindow: 60_000 } } } as const;

/** Puts the routes of the room on `app`; `maySettle` says which roles may act. */
export function registerLiquidity(
  app: FastifyInstance,
  input: ConsoleInput,
  maySettle: ReadonlySet<string>,
): void {
  app.get('/liquidity', READ_LIMIT, (request) => readRoom(input, sessionOf(request).subject));
  app.register(async (inner) => {
    inner.addHook('preHandler', async (request, reply) => {
      const { role, language } = sessionOf(request);
      if (maySettle.has(role ?? '')) return undefined;
      const { status, [language]: said } = CONSOLE_WORDS.not_allowed;
      return sendProblem(reply, { status, code: 'not_allowed', ...said });
    });
    registerEntries(inner, input);
  });
}

async function readRoom(input: ConsoleInput, staffId: string): Promise<unknown> {
  const { db, time } = input;
  const rails = await Promise.all(RAIL_NAMES.map((rail) => readRail(input, rail)));
  const entries = await listEntries(db, ENTRIES_MAX);
  return {
    nowMs: time.now(),
    rails,
    entries: entries.map(({ proposedBy, proposedAt, approvedAt, amountSen, ...entry }) => ({
      ...entry,
      amountSen: String(amountSen),
      isYours: proposedBy === staffId,
      proposedAtMs: proposedAt.getTime(),
      approvedAtMs: approvedAt?.getTime() ?? null,
    })),
  };
}

async function readRail({ db, time, roster }: ConsoleInput, rail: RailName): Promise<unknown> {
  const { settlementOut, settlementIn } = networkOf(rail);
  const nets = await selectNets(db, [settlementOut, settlementIn]);
  // What two people signed, and nothing that somebody wrote into the table.
  const known = await readKnownEntries(db, rail);
  const rows = await selectDone(db, rail);
  const signed = sumSigned(rows, { roster, nowMs: time.now(), youngMs: 0, known });
  const netSen = [...nets.values()].reduce(
    (sum, one) => sum + one.posted_debit_sen - one.posted_credit_sen,
    signed.treasurySen,
  );
  const heldSen = [...nets.values()].reduce((sum, one) => sum + one.pending_credit_sen, 0n);
  const isTold = (POSITION_RAILS as readonly string[]).includes(rail);
  const kept = isTold ? await readBalance(db, rail) : undefined;
  return {
    rail,
    /** False: this network tells no position of ours. */
    isTold,
    ledger: { netSen: String(netSen), heldSen: String(heldSen), atMs: time.now() },
    look: kept === undefined ? null : lookView(kept),
    points: kept?.memory.points.map(({ atMs, bookedSen }) => [atMs, String(bookedSen)]) ?? [],
  };
}

function lookView({ look }: KeptBalance): unknown {
  const { expected } = look;
  return {
    atMs: look.atMs,
    madeAtMs: look.madeAtMs,
    heardAtMs: look.heardAtMs,
    openingSen: String(look.openingSen),
    bookedSen: String(look.bookedSen),
    freeSen: String(look.freeSen),
    expectedMinSen: expected ? String(expected.minSen) : null,
    expectedMaxSen: expected ? String(expected.maxSen) : null,
    gapSen: String(look.gapSen),
    burnSenPerMinute: String(look.burnSenPerMinute),
    runwayMinutes: look.runwayMinutes ?? null,
  };
}

function registerEntries(app: FastifyInstance, input: ConsoleInput): void {
  const { db, time, roster, ledger, random } = input;
  app.post(
    '/treasury',
    { schema: { body: EntryBody }, ...SIGNING_LIMIT },
    async (request, reply) => {
      const { subject: staffId, language } = sessionOf(request);
      const { password, amountSen, ...body } = request.body as Static<typeof EntryBody>;
      const nowMs = time.now();
      const id = newId('tre', nowMs, random);
      const entry: TreasuryEntry = { id, ...body, amountSen: BigInt(amountSen) };
      const signature = await signAs(input, { staffId, password, entry });
      const result = await proposeEntry({ db, roster, nowMs, staffId, entry, signature });
      return answer(reply, { result, language, id });
    },
  );
  app.post(
    '/treasury/:id/approve',
    { schema: { params: BreakParams, body: ApproveBody }, ...SIGNING_LIMIT },
    async (request, reply) => {
      const { subject: staffId, language } = sessionOf(request);
      const { id } = request.params as BreakInput;
      const { password } = request.body as ApproveInput;
      const row = await findEntry(db, id);
      if (!row) return answer(reply, { result: { ok: false, reason: 'not_found' }, language, id });
      const signature = await signAs(input, { staffId, password, entry: row.entry });
      const asked = { db, roster, ledger, nowMs: time.now(), staffId, signature, entryId: id };
      return answer(reply, { result: await approveEntry(asked), language, id });
    },
  );
  app.post(
    '/treasury/:id/withdraw',
    { schema: { params: BreakParams } },
    async (request, reply) => {
      const { subject: staffId, language } = sessionOf(request);
      const { id } = request.params as BreakInput;
      const result = await withdrawEntry({ db, nowMs: time.now(), staffId, entryId: id });
      return answer(reply, { result, language, id });
    },
  );
}

/** The key is opened with the password typed now, signs this entry, and is forgotten. A wrong password signs nothing: the empty signature is
 * refused where all are checked. */
async function signAs(
  input: ConsoleInput,
  of: { readonly staffId: string; readonly password: string; readonly entry: TreasuryEntry },
): Promise<string> {
  const pem = await input.access.openStaffKey({ staffId: of.staffId, password: of.password });
  return pem === undefined ? '' : signEntry(createPrivateKey(pem), of.entry);
}

function answer(
  reply: FastifyReply,
  of: { readonly result: TreasuryResult; readonly language: Language; readonly id: string },
): FastifyReply {
  if (of.result.ok) return reply.code(201).send({ id: of.id });
  const { reason } = of.result;
  const words = TREASURY_WORDS[reason];
  return sendProblem(reply, { status: words.status, code: reason, ...words[of.language] });
}
