/** Store and forward of our own reversals (0420, then 0421): what a machine did not give out is written down before anybody is told, and the
 * network hears of it until it answers, over restarts and for a day; then people take over. Core hears of it at once. Source: domain.md
 * 4.8 rules 2, 7, 8; ADR 0024. */
import { faultPoint } from '../../kernel/fault-point.ts';
import { sen } from '../../kernel/money.ts';
import type { ReversalGivenUp, SwitchReversalNotice } from '../../rail/notice-switch.ts';
import { writeAmount } from '../../rail/iso8583/amount.ts';
import { writeComposite } from '../../rail/iso8583/composite.ts';
import type { IsoFields, IsoMessage } from '../../rail/iso8583/spec.ts';
import { transmittedAt } from '../../rail/switch/manage.ts';
import type { LinkAnswer } from '../../rail/switch/port.ts';
import type { Acquired } from '../acquired-book.ts';
import type { RailLoop } from '../host.ts';
import type { SwitchContext } from './line.ts';

/** The first repeat; each next waits twice as long. */
const REPEAT_FIRST_MS = 30_000;
const REPEAT_MAX_MS = 3_600_000;
const GIVE_UP_MS = 86_400_000;
const LOOK_MS = 1_000;
/** A link that is down is looked at again after this. */
const LINK_LOOK_MS = 5_000;
/** T18: taking back never takes the place of paying. */
const AT_ONCE_MAX = 20;
/** Of a reversal only these say that it holds (docs/rail/switch.md section 8). */
const TAKEN: ReadonlySet<string> = new Set(['00', '25', '94']);

/** Why nothing, or less, came out. */
export type TakeBackWhy = 'no_answer' | 'odd_answer' | 'core_refused' | 'restarted' | 'machine';

export interface TakeBacks {
  /** Writes down that only `keptSen` of it came out, and tells core and network. Durable when it resolves. False when it was taken back
   * before with another amount: the first stands. */
  add(
    acquired: Acquired,
    back: { readonly keptSen: bigint; readonly why: TakeBackWhy },
  ): Promise<boolean>;
  /** After a start: what nobody knows of was given out by nobody. */
  resume(): Promise<void>;
  readonly loop: RailLoop;
}

type Ask = (kind: 'financial', message: IsoMessage | undefined) => Promise<LinkAnswer>;

interface Turn {
  dueAtMs: number;
  waitMs: number;
  hasLeft: boolean;
  isBusy: boolean;
}

/** Makes it over the journal and the link. */
export function makeTakeBacks(context: SwitchContext, ask: Ask): TakeBacks {
  const { time, journal, log } = context;
  const book = journal.index.acquired;
  const turns = new Map<string, Turn>();
  const startedAtMs = time.now();
  const turnOf = (acquired: Acquired): Turn => {
    const known = turns.get(acquired.bizMsgIdr);
    if (known) return known;
    // Written by a process before this one: it may have left.
    const hasLeft = (acquired.takeBack?.atMs ?? 0) < startedAtMs;
    const turn = { dueAtMs: time.now(), waitMs: REPEAT_FIRST_MS, hasLeft, isBusy: false };
    turns.set(acquired.bizMsgIdr, turn);
    return turn;
  };
  const end = async (acquired: Owed, word: 'taken' | 'given_up', code: string): Promise<void> => {
    turns.delete(acquired.bizMsgIdr);
    await writeEnd(context, acquired, { word, code });
  };
  const send = async (acquired: Owed, turn: Turn): Promise<void> => {
    const sentMs = time.now();
    if (sentMs - acquired.takeBack.atMs >= GIVE_UP_MS) return end(acquired, 'given_up', '68');
    const answer = await ask('financial', renderReversal(context, acquired, turn.hasLeft));
    if (answer.outcome === 'not_sent') {
      turn.dueAtMs = time.now() + LINK_LOOK_MS;
      return;
    }
    turn.hasLeft = true;
    const code = answer.outcome === 'answered' ? answer.message.fields[39] : undefined;
    if (code !== undefined && TAKEN.has(code)) return end(acquired, 'taken', code);
    log.warn({ bizMsgIdr: acquired.bizMsgIdr, code }, 'switch.reversal_open');
    turn.dueAtMs = Math.max(time.now(), sentMs + turn.waitMs);
    turn.waitMs = Math.min(turn.waitMs * 2, REPEAT_MAX_MS);
  };
  const run = (): void => {
    const nowMs = time.now();
    let busy = [...turns.values()].filter((turn) => turn.isBusy).length;
    for (const acquired of book.owed()) {
      if (busy >= AT_ONCE_MAX) return;
      const turn = turnOf(acquired);
      if (turn.isBusy || turn.dueAtMs > nowMs) continue;
      busy++;
      turn.isBusy = true;
      void send(acquired, turn)
        .catch((error: unknown) => log.error({ cause: String(error) }, 'switch.reversal_failed'))
        .finally(() => void (turn.isBusy = false));
    }
  };
  const add: TakeBacks['add'] = async (acquired, { keptSen, why }) => {
    const known = book.find(acquired.bizMsgIdr);
    if (known?.takeBack) {
      await journal.untilDurable();
      return known.takeBack.keptSen === String(keptSen);
    }
    log.warn({ bizMsgIdr: acquired.bizMsgIdr, why }, 'switch.acquired_taken_back');
    await writeTakeBack(context, acquired, keptSen);
    run();
    return true;
  };
  return {
    add,
    async resume() {
      for (const one of book.unanswered()) await add(one, { keptSen: 0n, why: 'restarted' });
    },
    loop: { name: 'take_back', everyMs: LOOK_MS, isFirstAtOnce: false, run: async () => run() },
  };
}

type Owed = Acquired & { readonly takeBack: NonNullable<Acquired['takeBack']> };

async function writeTakeBack(
  context: SwitchContext,
  acquired: Acquired,
  keptSen: bigint,
): Promise<void> {
  const { journal, forwarder, questions, time } = context;
  const { bizMsgIdr, bank: fromBank, amountSen } = acquired;
  const notice: SwitchReversalNotice = {
    kind: 'reversal',
    rail: 'switch',
    what: 'acquired',
    bizMsgIdr,
    fromBank,
    amountSen,
    keptSen: String(keptSen),
  };
  const ids = { stan: questions.stan(), transmittedAt: transmittedAt(time.now()) };
  const [, entry] = await journal.append(
    { kind: 'take_back', bizMsgIdr, keptSen: String(keptSen), ...ids },
    { kind: 'inbound', bizMsgIdr, what: 'reversal', notice },
  );
  faultPoint('gateway.afterTakeBack');
  void forwarder.offer(entry!.position, notice); // two bodies in, two entries out
}

async function writeEnd(
  { journal, forwarder, log }: SwitchContext,
  { bizMsgIdr, bank: fromBank, amountSen, takeBack }: Owed,
  said: { readonly word: 'taken' | 'given_up'; readonly code: string },
): Promise<void> {
  const body = { kind: 'take_back_word', bizMsgIdr, ...said } as const;
  if (said.word === 'taken') return void (await journal.append(body));
  log.error({ bizMsgIdr }, 'switch.reversal_given_up');
  const { keptSen } = takeBack;
  const notice: ReversalGivenUp = {
    kind: 'reversal_given_up',
    rail: 'switch',
    bizMsgIdr,
    fromBank,
    amountSen,
    keptSen,
  };
  const told = { kind: 'inbound', bizMsgIdr, what: 'reversal_given_up', notice } as const;
  const [, entry] = await journal.append(body, told);
  void forwarder.offer(entry!.position, notice); // two bodies in, two entries out
}

/** The reversal, the same whenever it is rendered; no card in it. Undefined when the link cannot say it. */
function renderReversal(
  { member }: SwitchContext,
  acquired: Owed,
  isRepeat: boolean,
): IsoMessage | undefined {
  const { dialect, institution } = member;
  const { takeBack } = acquired;
  const amount = writeAmount(dialect, sen(BigInt(acquired.amountSen)));
  const kept = writeAmount(dialect, sen(BigInt(takeBack.keptSen)));
  const original = writeComposite(dialect, {
    field: 90,
    fields: {},
    value: {
      kind: 'parts',
      parts: {
        mti: '0200',
        stan: acquired.stan,
        transmittedAt: acquired.transmittedAt,
        acquirer: institution,
        forwarder: institution,
      },
    },
  });
  if (amount === undefined || kept === undefined || !original.ok) return undefined;
  const partly = takeBack.keptSen === '0' ? {} : replacementOf(dialect, kept);
  if (!partly) return undefined;
  return {
    mti: isRepeat ? '0421' : '0420',
    fields: {
      3: acquired.processing,
      4: amount,
      7: takeBack.transmittedAt,
      11: takeBack.stan,
      32: institution,
      33: institution,
      37: acquired.rrn,
      41: acquired.terminal,
      49: '360',
      90: original.value,
      100: acquired.institution,
      ...partly,
    },
  };
}

/** DE95: what stays, in the currency of the card; no fees. */
function replacementOf(
  dialect: SwitchContext['member']['dialect'],
  amount: string,
): IsoFields | undefined {
  const parts = {
    amount,
    settlementAmount: '0'.repeat(12),
    fee: 'C00000000',
    settlementFee: 'C00000000',
  };
  const written = writeComposite(dialect, {
    field: 95,
    fields: {},
    value: { kind: 'parts', parts },
  });
  return written.ok ? { 95: written.value } : undefined;
}
