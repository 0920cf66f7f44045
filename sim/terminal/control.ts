/** The demo's hand on the machines: `GET /sim/terminals`, `POST /sim/terminals/withdraw|balance|fail|refill|report|power-up`. Strict; card data comes in and
 * never goes out. */
import { parseJson } from '../../src/kernel/wire.ts';
import { addNotes, worthOfAll, type Cassette } from './cassette.ts';
import type { Card } from '../switch/peers.ts';
import { readAvailable } from '../switch/private-data.ts';
import type { LinkHost } from './link-host.ts';
import type { DispenseFault, JournalLine, Terminal } from './terminal.ts';

export interface TerminalControlAnswer {
  readonly status: number;
  readonly value: unknown;
}

type Given = Readonly<Record<string, unknown>>;

const JOURNAL_SHOWN = 20;
const NOTES_MAX = 40;
const PATHS =
  'GET /sim/terminals, POST /sim/terminals/withdraw|balance|fail|refill|report|power-up';
const CARD: Readonly<Record<string, RegExp>> = {
  terminal: /^[0-9A-Z]{8}$/,
  pan: /^\d{13,19}$/,
  pin: /^\d{4,12}$/,
  expiry: /^\d{4}$/,
};
const WITHDRAWAL = { ...CARD, amountRupiah: /^[1-9]\d{0,8}$/ };

/** Answers one control request; undefined when the path is not the machines'. `full` is what a refill puts in. */
export async function controlTerminals(
  parts: {
    readonly terminals: readonly Terminal[];
    readonly full: readonly Cassette[];
    /** Of the bank's own machines: they tell their bank what they count. */
    readonly host?: LinkHost;
  },
  request: { readonly method: string; readonly path: string; readonly body: string },
): Promise<TerminalControlAnswer | undefined> {
  const path = /^\/sim\/terminals(?:\/([a-z-]+))?$/.exec(request.path);
  if (!path) return undefined;
  const verb = `${request.method} ${path[1] ?? ''}`.trimEnd();
  if (verb === 'GET') return { status: 200, value: parts.terminals.map(shown) };
  const given = parseJson(request.body);
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return refused('body: not an object');
  const terminal = parts.terminals.find((one) => one.id === (given as Given)['terminal']);
  if (!terminal)
    return refused(`terminal: one of ${parts.terminals.map(({ id }) => id).join(', ')}`);
  switch (verb) {
    case 'POST withdraw':
      return withdraw(terminal, given as Given);
    case 'POST balance':
      return balance(parts.host, { terminal, given: given as Given });
    case 'POST fail': {
      const fault = readFault(given as Given);
      if (!fault) return refused('kind: none, jam, power_loss, or partial with notes from 0 to 40');
      terminal.failNext(fault);
      return { status: 200, value: { ok: true } };
    }
    case 'POST power-up':
      terminal.powerUp();
      return { status: 200, value: shown(terminal) };
    case 'POST refill':
      return refill(parts, terminal);
    case 'POST report':
      return report(parts.host, terminal);
    default:
      return { status: 404, value: { ok: false, reason: PATHS } };
  }
}

/** The bank's own machine says what was put in, and takes it only when the bank has. */
async function refill(
  parts: { readonly full: readonly Cassette[]; readonly host?: LinkHost },
  terminal: Terminal,
): Promise<TerminalControlAnswer> {
  const { full, host } = parts;
  if (!host?.serves(terminal.id)) {
    terminal.refill(full);
    return { status: 200, value: shown(terminal) };
  }
  const cashSen = worthOfAll(full);
  const none = { dispensedSen: 0n, depositedSen: 0n };
  const isTaken = await host.report({ terminal: terminal.id, what: 'load', cashSen, ...none });
  if (!isTaken) return { status: 409, value: { ok: false, reason: 'the bank has not taken it' } };
  terminal.refill(addNotes(terminal.cassettes(), full));
  return { status: 200, value: shown(terminal) };
}

/** The machine's day: what it counts. */
async function report(
  host: LinkHost | undefined,
  terminal: Terminal,
): Promise<TerminalControlAnswer> {
  if (!host?.serves(terminal.id)) return refused("terminal: not a machine of the bank's own");
  const isTaken = await host.report({
    terminal: terminal.id,
    what: 'totals',
    cashSen: worthOfAll(terminal.cassettes()),
    dispensedSen: terminal.journal().reduce((sum, line) => sum + line.dispensedSen, 0n),
    depositedSen: 0n,
  });
  return { status: 200, value: { ok: isTaken, ...(shown(terminal) as object) } };
}

/** What the machine's screen shows of the card's account, whosever card it is. */
async function balance(
  host: LinkHost | undefined,
  { terminal, given }: { readonly terminal: Terminal; readonly given: Given },
): Promise<TerminalControlAnswer> {
  if (!host?.serves(terminal.id)) return refused("terminal: not a machine of the bank's own");
  const texts = readTexts(given, CARD);
  if (typeof texts === 'string') return refused(texts);
  const { rc, balances } = await host.balance({ terminal: terminal.id, card: cardOf(texts) });
  const available = rc === '00' && balances !== undefined ? readAvailable(balances) : undefined;
  return {
    status: 200,
    value: {
      outcome: rc === undefined ? 'no_answer' : available === undefined ? 'declined' : 'shown',
      ...(rc !== undefined && { rc }),
      ...(available !== undefined && { availableRupiah: String(available / 100n) }),
    },
  };
}

async function withdraw(terminal: Terminal, given: Given): Promise<TerminalControlAnswer> {
  const texts = readTexts(given, WITHDRAWAL);
  if (typeof texts === 'string') return refused(texts);
  const lines = await terminal.withdraw({
    card: cardOf(texts),
    amountSen: BigInt(texts['amountRupiah']!) * 100n,
  });
  return { status: 200, value: lines.map(shownLine) };
}

/** The fields, each in its form; text = what is wrong. */
function readTexts(
  given: Given,
  forms: Readonly<Record<string, RegExp>>,
): Readonly<Record<string, string>> | string {
  const texts: Record<string, string> = {};
  for (const [key, pattern] of Object.entries(forms)) {
    const value = given[key];
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || !pattern.test(text)) return `${key}: ${pattern.source}`;
    texts[key] = text;
  }
  const stranger = Object.keys(given).find((key) => !Object.hasOwn(forms, key));
  return stranger === undefined ? texts : `${stranger}: unknown`;
}

function cardOf(texts: Readonly<Record<string, string>>): Card {
  const { pan, pin, expiry } = texts as Record<'pan' | 'pin' | 'expiry', string>;
  return { pan, pin, expiry, track2: `${pan}=${expiry}226000000000` };
}

function readFault(given: Given): DispenseFault | undefined {
  const { kind, notes } = given;
  if (kind === 'none' || kind === 'jam' || kind === 'power_loss') return { kind };
  const isCount = Number.isSafeInteger(notes) && Number(notes) >= 0 && Number(notes) <= NOTES_MAX;
  return kind === 'partial' && isCount ? { kind, notes: Number(notes) } : undefined;
}

function shown(terminal: Terminal): unknown {
  return {
    terminal: terminal.id,
    cassettes: terminal.cassettes().map(({ noteSen, count }) => ({
      noteRupiah: Number(noteSen / 100n),
      count,
    })),
    journal: terminal.journal().slice(-JOURNAL_SHOWN).map(shownLine),
  };
}

function shownLine(line: JournalLine): unknown {
  return {
    outcome: line.outcome,
    amountRupiah: Number(line.amountSen / 100n),
    dispensedRupiah: Number(line.dispensedSen / 100n),
    ...(line.rc !== undefined && { rc: line.rc }),
    ...(line.text !== undefined && { text: line.text }),
    ...(line.isCardKept && { isCardKept: true }),
  };
}

function refused(reason: string): TerminalControlAnswer {
  return { status: 400, value: { ok: false, reason } };
}
