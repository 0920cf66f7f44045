/** One run of the match: reads open lines and new intents, decides, and hands back what must be written. It writes nothing
 * itself, so that breaks, containment and the guard's position become true in one transaction. */
import type { Queryable, Tx } from '../db/pool.ts';
import {
  railField,
  railOfEntry,
  type JournalBody,
  type JournalEntry,
} from '../rail/journal-entry.ts';
import { matchIntent, matchLine, type Break, type LineFacts, type MatchClock } from './match.ts';
import {
  addToBreaks,
  closeLines,
  closeMissing,
  insertBreaks,
  selectAuthorised,
  selectOpenLines,
  selectUnsettled,
  type BreakKey,
  type BreakRow,
  type OpenLineRow,
} from './store.ts';

/** Lines per read and reads per run: 20,000 lines, far above a minute's feed; the rest waits for the next run. */
const PAGE_LINES = 1_000;
const PAGE_COUNT_MAX = 20;

export interface LineResult {
  readonly lineId: string;
  readonly state: 'matched' | 'orphan' | 'mismatch' | 'duplicate';
  readonly paymentId: string | null;
  readonly bizMsgIdr: string;
}

/** What one run found. */
export interface MatchRun {
  readonly breaks: readonly Break[];
  readonly lines: readonly LineResult[];
  readonly waitingCount: number;
}

/** Matches every open settlement line. `connectors` = fingerprints of our own connector certificates; empty = not known. */
export async function matchOpenLines(
  db: Queryable,
  input: { readonly clock: MatchClock; readonly connectors: readonly string[] },
): Promise<MatchRun> {
  const breaks: Break[] = [];
  const lines: LineResult[] = [];
  let waitingCount = 0;
  let after = { afterSeenMs: 0, afterLineId: '' };
  for (let page = 0; page < PAGE_COUNT_MAX; page++) {
    const rows = await selectOpenLines(db, { ...after, limit: PAGE_LINES });
    for (const row of rows) {
      const verdict = matchLine(lineFacts(row, input.connectors), input.clock);
      if (verdict.kind === 'waiting') waitingCount++;
      else if (verdict.kind === 'matched') {
        lines.push({
          lineId: row.line_id,
          state: 'matched',
          paymentId: verdict.paymentId,
          bizMsgIdr: row.biz_msg_idr,
        });
      } else {
        breaks.push(verdict.found);
        lines.push({
          lineId: row.line_id,
          state: lineState(verdict.found),
          paymentId: row.payment_id,
          bizMsgIdr: row.biz_msg_idr,
        });
      }
    }
    const last = rows.at(-1);
    if (!last || rows.length < PAGE_LINES) break;
    after = { afterSeenMs: Number(last.seen_ms), afterLineId: last.line_id };
  }
  return { breaks, lines, waitingCount };
}

function lineState(found: Break): LineResult['state'] {
  return found.kind === 'orphan' || found.kind === 'duplicate' ? found.kind : 'mismatch';
}

function lineFacts(row: OpenLineRow, connectors: readonly string[]): LineFacts {
  const intent =
    row.intent === null ? undefined : (JSON.parse(row.intent) as JournalBody & { kind: 'intent' });
  return {
    line: {
      lineId: row.line_id,
      ...railField(row.rail),
      direction: row.direction,
      bizMsgIdr: row.biz_msg_idr,
      amountSen: row.amount_sen,
      counterpartyBank: row.counterparty_bank,
      connector: row.connector,
      settledAtMs: Number(row.settled_ms),
      seenAtMs: Number(row.seen_ms),
    },
    isIssued: row.is_issued,
    // Only BI-FAST and the aggregator name the certificate that sent a line; the switch's file, which settles QRIS too, does not.
    isOwnConnector:
      row.rail === 'switch' ||
      row.rail === 'qris' ||
      connectors.length === 0 ||
      connectors.includes(row.connector),
    hasEarlierLine: row.has_earlier,
    isFurtherLine: row.is_further,
    ...(row.payment_id === null
      ? {}
      : {
          payment: {
            id: row.payment_id,
            kind: row.payment_kind!,
            state: row.payment_state!,
            amountSen: row.payment_amount!,
            bank: row.payment_bank ?? '',
          },
        }),
    ...(intent ? { intent: { amountSen: BigInt(intent.amountSen), bank: intent.bank } } : {}),
  };
}

/** Checks every intent that a gateway journalled against the registry and the authorisation that the ledger committed. */
export async function matchIntents(
  db: Queryable,
  entries: readonly JournalEntry[],
): Promise<readonly Break[]> {
  const intents = entries.flatMap((entry) =>
    entry.body.kind === 'intent' ? [{ atMs: entry.atMs, body: entry.body }] : [],
  );
  if (intents.length === 0) return [];
  const rows = await selectAuthorised(db, {
    ids: intents.map(({ body }) => body.bizMsgIdr),
    jtis: intents.map(({ body }) => body.jti),
  });
  const known = new Map(rows.map((row) => [`${row.id} ${row.jti}`, row]));
  return intents.flatMap(({ atMs, body }) => {
    const row = known.get(`${body.bizMsgIdr} ${body.jti}`);
    const found = matchIntent({
      ...railField(railOfEntry(body)),
      bizMsgIdr: body.bizMsgIdr,
      jti: body.jti,
      amountSen: BigInt(body.amountSen),
      bank: body.bank,
      instructionHash: body.instructionHash,
      atMs,
      isIssued: row?.is_issued ?? false,
      ...(row !== undefined && row.payment_id !== null
        ? {
            authorisation: {
              paymentId: row.payment_id,
              amountSen: row.amount_sen!,
              instructionHash: row.hash!,
            },
          }
        : {}),
    });
    return found ? [found] : [];
  });
}

/** Messages that the network called settled and whose line must be in the feed by now. Entries are old enough already. */
export async function findMissing(
  db: Queryable,
  entries: readonly JournalEntry[],
): Promise<readonly Break[]> {
  const due = new Map(
    entries
      .flatMap((entry) => settledMessage(entry))
      .map((message) => [message.bizMsgIdr, message]),
  );
  const rows = await selectUnsettled(db, [...due.keys()]);
  return rows.map(({ id, rail, amount_sen, bank }) => ({
    ...railField(rail ?? 'bifast'),
    kind: 'missing',
    reason: 'no_settlement',
    bizMsgIdr: id,
    direction: due.get(id)!.direction,
    amountSen: amount_sen ?? 0n,
    bank: bank ?? '',
    moneyLeft: false,
    occurredAtMs: due.get(id)!.atMs,
  }));
}

function settledMessage(
  entry: JournalEntry,
): { bizMsgIdr: string; direction: 'out' | 'in'; atMs: number }[] {
  const { body, atMs } = entry;
  if (body.kind === 'outcome' && body.answer.outcome === 'accepted' && body.answer.isFinal) {
    return [{ bizMsgIdr: body.bizMsgIdr, direction: 'out', atMs }];
  }
  if (body.kind === 'inbound' && body.what === 'credit_settled')
    return [{ bizMsgIdr: body.bizMsgIdr, direction: 'in', atMs }];
  if (body.kind === 'inbound' && body.what === 'outcome') {
    const answer = (body.notice as { answer?: { outcome?: string; isFinal?: boolean } } | undefined)
      ?.answer;
    if (answer?.outcome === 'accepted' && answer.isFinal)
      return [{ bizMsgIdr: body.bizMsgIdr, direction: 'out', atMs }];
  }
  return [];
}

/** Writes a run. Returns the breaks that are news: every line is judged once and is news then, though its id may have been
 * seen before; an intent or a missing line is news when no break of its id stands. */
export async function applyRun(
  tx: Tx,
  input: {
    readonly breaks: readonly Break[];
    readonly lines: readonly LineResult[];
    readonly nowMs: number;
    readonly newId: (prefix: string) => string;
  },
): Promise<{ readonly opened: readonly Break[]; readonly closed: readonly string[] }> {
  const { nowMs } = input;
  const ofLines = input.breaks.filter(({ lineId }) => lineId !== undefined);
  const known = new Set(
    (await addToBreaks(tx, { atMs: nowMs, rows: sumByKey(ofLines) })).map(keyText),
  );
  const made = new Set(
    (
      await insertBreaks(tx, {
        atMs: nowMs,
        rows: newRows(input.breaks, known, input.newId),
      })
    ).map(keyText),
  );
  await closeLines(tx, input.lines);
  const arrived = input.lines
    .filter(({ state }) => state === 'matched')
    .map(({ lineId }) => lineId);
  const closed = await closeMissing(tx, { lineIds: arrived, atMs: nowMs });
  return { opened: news(input.breaks, made), closed };
}

function keyOf(found: Break): string {
  return keyText({ rail: railOfEntry(found), kind: found.kind, bizMsgIdr: found.bizMsgIdr });
}

function keyText({ rail, kind, bizMsgIdr }: BreakKey): string {
  return `${rail}:${kind}:${bizMsgIdr}`;
}

/** Lines by the break that they belong to; `furtherSen` = what they add to one that stands already. */
function sumByKey(
  lines: readonly Break[],
): readonly (BreakKey & { readonly furtherSen: bigint })[] {
  const sums = new Map<string, BreakKey & { furtherSen: bigint }>();
  for (const found of lines) {
    const { kind, bizMsgIdr } = found;
    const key = { rail: railOfEntry(found), kind, bizMsgIdr };
    const sum = sums.get(keyText(key)) ?? { ...key, furtherSen: 0n };
    if (found.isFurtherLine) sum.furtherSen += found.amountSen;
    sums.set(keyText(key), sum);
  }
  return [...sums.values()];
}

/** One row per id that no break stands for yet, with the sum of its lines. */
function newRows(
  breaks: readonly Break[],
  known: ReadonlySet<string>,
  newId: (prefix: string) => string,
): readonly BreakRow[] {
  const rows = new Map<string, BreakRow>();
  for (const found of breaks) {
    const key = keyOf(found);
    if (known.has(key)) continue;
    const before = rows.get(key);
    const isSum = before !== undefined && found.isFurtherLine === true;
    if (before && !isSum) continue;
    rows.set(key, {
      id: before?.id ?? newId('brk'),
      rail: railOfEntry(found),
      kind: found.kind,
      bizMsgIdr: found.bizMsgIdr,
      amountSen: found.amountSen + (before?.amountSen ?? 0n),
      detail: before?.detail ?? `${found.reason} ${found.direction} ${found.bank}`.trim(),
    });
  }
  return [...rows.values()];
}

function news(breaks: readonly Break[], made: ReadonlySet<string>): readonly Break[] {
  const told = new Set<string>();
  return breaks.flatMap((found): readonly Break[] => {
    const key = keyOf(found);
    const isFirst = made.has(key) && !told.has(key);
    if (found.lineId === undefined && !isFirst) return [];
    told.add(key);
    if (isFirst || found.isFurtherLine || found.lineId === undefined) return [found];
    return [{ ...found, isSettledIntent: true }];
  });
}
