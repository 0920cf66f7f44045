/** An ATM: asks its host, gives out cash, and tells the host what it really gave out. It dispenses only on an approval that came in
 * time, and whatever did not come out goes back. Its journal is the proof: cash that left the cassettes. */
import type { Random } from '../../src/kernel/random.ts';
import type { Card } from '../switch/peers.ts';
import { addNotes, firstNotes, pickNotes, takeNotes, worthOf, type Cassette } from './cassette.ts';

/** Whom a terminal asks: its bank over a link, or the bank behind the switch that it belongs to. */
export interface TerminalHost {
  /** Settles when the answer is here or the time is over. `no_answer`: the host itself gives the money back. */
  withdraw(input: {
    readonly terminal: string;
    readonly card: Card;
    readonly amountSen: bigint;
  }): Promise<HostAnswer>;
  /** What the machine must show before the PIN because its bank has stopped the service. */
  closedText?(input: {
    readonly terminal: string;
    readonly card: Card;
  }): Promise<string | undefined>;
  /** All of an approval was given out: nothing is owed any more. */
  dispensed(reference: string): void;
  /** Only `keptSen` of an approval was given out. Goes on by itself until the bank has taken it. */
  giveBack(reference: string, keptSen: bigint): void;
}

export type HostAnswer =
  | { readonly kind: 'approved'; readonly reference: string }
  | { readonly kind: 'declined'; readonly rc: string }
  | { readonly kind: 'no_answer' };

/** What may go wrong between approval and hand. */
export type DispenseFault =
  | { readonly kind: 'none' }
  /** The first `notes` come out, then it stops. */
  | { readonly kind: 'partial'; readonly notes: number }
  /** Nothing comes out, and the machine is out of order afterwards. */
  | { readonly kind: 'jam' }
  /** The power goes between the bank's yes and the first note: dark until `powerUp`, which remembers from its journal what it owes. */
  | { readonly kind: 'power_loss' };

export interface TerminalInput {
  readonly id: string;
  readonly host: TerminalHost;
  readonly cassettes: readonly Cassette[];
  readonly random: Random;
  /** In 1/10,000 of the dispenses. */
  readonly faults?: { readonly partial: number; readonly jam: number };
  /** How often a customer presses again after "try again" (91, 96, 68 or no answer). */
  readonly retryCount?: number;
  /** Hears of every change of the notes inside. */
  readonly onNotes?: (cassettes: readonly Cassette[]) => void;
}

export interface JournalLine {
  readonly outcome:
    | 'dispensed'
    | 'partial'
    | 'jam'
    | 'power_loss'
    | 'declined'
    | 'no_answer'
    | 'no_cash'
    | 'closed'
    | 'out_of_order';
  readonly amountSen: bigint;
  readonly dispensedSen: bigint;
  readonly rc?: string;
  readonly reference?: string;
  /** What it showed before the PIN. */
  readonly text?: string;
  /** Its bank asked to keep the card (41, 43). */
  readonly isCardKept?: true;
}

export interface Terminal {
  readonly id: string;
  /** One customer, retries included: a line per try, the last one is how it ended. */
  withdraw(input: {
    readonly card: Card;
    readonly amountSen: bigint;
  }): Promise<readonly JournalLine[]>;
  /** The next dispense goes like this. */
  failNext(fault: DispenseFault): void;
  cassettes(): readonly Cassette[];
  refill(cassettes: readonly Cassette[]): void;
  /** The power is back: whatever was approved and not given out goes back. */
  powerUp(): void;
  /** Notes that a customer paid in, sorted into their cassettes. */
  takeIn(notes: readonly Cassette[]): void;
  journal(): readonly JournalLine[];
}

/** Lines that a terminal keeps. */
const JOURNAL_LENGTH_MAX = 100_000;
/** Lost and stolen cards stay in the machine. */
const KEEP_CARD: ReadonlySet<string> = new Set(['41', '43']);
const TRY_AGAIN: ReadonlySet<string> = new Set(['68', '91', '96']);

/** A machine with cash in it. */
export function openTerminal(input: TerminalInput): Terminal {
  let cassettes = input.cassettes;
  const state: State = {
    get cassettes() {
      return cassettes;
    },
    set cassettes(next) {
      cassettes = next;
      input.onNotes?.(next);
    },
    isJammed: false,
    lost: undefined,
    next: undefined,
    journal: [],
  };
  const write = (line: JournalLine): JournalLine => {
    state.journal.push(line);
    if (state.journal.length > JOURNAL_LENGTH_MAX) state.journal.shift();
    return line;
  };
  return {
    id: input.id,
    withdraw: async (asked) => {
      const lines: JournalLine[] = [];
      for (let tries = 0; tries <= (input.retryCount ?? 0); tries++) {
        const line = write(await serve(input, state, asked));
        lines.push(line);
        if (!isWorthRetry(line)) break;
      }
      return lines;
    },
    failNext: (fault) => void (state.next = fault),
    cassettes: () => state.cassettes,
    refill: (cassettes) => {
      state.cassettes = cassettes;
      state.isJammed = false;
    },
    powerUp: () => {
      for (const reference of state.lost ?? []) input.host.giveBack(reference, 0n);
      state.lost = undefined;
    },
    takeIn: (notes) => void (state.cassettes = addNotes(state.cassettes, notes)),
    journal: () => state.journal,
  };
}

interface State {
  cassettes: readonly Cassette[];
  isJammed: boolean;
  /** Approvals that the dark machine did not give out; undefined = it has power. */
  lost: readonly string[] | undefined;
  next: DispenseFault | undefined;
  readonly journal: JournalLine[];
}

async function serve(
  input: TerminalInput,
  state: State,
  asked: { readonly card: Card; readonly amountSen: bigint },
): Promise<JournalLine> {
  const { amountSen } = asked;
  const line = (outcome: JournalLine['outcome'], more: Partial<JournalLine> = {}): JournalLine => ({
    outcome,
    amountSen,
    dispensedSen: 0n,
    ...more,
  });
  if (state.isJammed || state.lost) return line('out_of_order');
  const text = await input.host.closedText?.({ terminal: input.id, card: asked.card });
  if (text !== undefined) return line('closed', { text });
  const picked = pickNotes(state.cassettes, amountSen);
  if (!picked) return line('no_cash');
  // Reserved while the host is asked: another customer's notes are not these.
  const before = state.cassettes;
  state.cassettes = takeNotes(state.cassettes, picked);
  const answer = await input.host.withdraw({ terminal: input.id, ...asked });
  const putBack = (kept: readonly number[]): void => {
    state.cassettes = state.cassettes.map((one, index) => ({
      ...one,
      count: one.count + picked[index]! - kept[index]!,
    }));
  };
  const nothing = picked.map(() => 0);
  if (answer.kind !== 'approved') {
    putBack(nothing);
    if (answer.kind === 'no_answer') return line('no_answer');
    const { rc } = answer;
    return line('declined', { rc, ...(KEEP_CARD.has(rc) && { isCardKept: true }) });
  }
  const { reference } = answer;
  // It went dark while another customer's cash was on its way.
  const fault: DispenseFault = state.lost ? { kind: 'power_loss' } : nextFault(input, state);
  if (fault.kind === 'none') {
    input.host.dispensed(reference);
    return line('dispensed', { dispensedSen: amountSen, reference });
  }
  if (fault.kind === 'power_loss') {
    putBack(nothing);
    state.lost = [...(state.lost ?? []), reference];
    return line('power_loss', { reference });
  }
  const out = fault.kind === 'jam' ? nothing : firstNotes(before, picked, fault.notes);
  putBack(out);
  state.isJammed = fault.kind === 'jam';
  const dispensedSen = worthOf(before, out);
  if (dispensedSen < amountSen) input.host.giveBack(reference, dispensedSen);
  else input.host.dispensed(reference);
  return line(fault.kind, { dispensedSen, reference });
}

function nextFault(input: TerminalInput, state: State): DispenseFault {
  const { next } = state;
  state.next = undefined;
  if (next) return next;
  const { partial, jam } = input.faults ?? { partial: 0, jam: 0 };
  if (partial + jam === 0) return { kind: 'none' };
  const draw = input.random.below(10_000);
  if (draw < jam) return { kind: 'jam' };
  return draw < jam + partial ? { kind: 'partial', notes: 1 } : { kind: 'none' };
}

function isWorthRetry(line: JournalLine): boolean {
  return line.outcome === 'no_answer' || (line.outcome === 'declined' && TRY_AGAIN.has(line.rc!));
}
