/** What the rules of risk go by, kept or read for one payment: the rules in force, the blocked list, and whom the payer paid before. The
 * rules themselves are in src/risk; this file reads for them and remembers nothing that the database does not have (ADR 0034). */
import { recordEvents } from '../../audit/record.ts';
import type { Db } from '../../db/pool.ts';
import { readTogether } from '../../db/together.ts';
import type { Log } from '../../kernel/log.ts';
import type { Time } from '../../kernel/time.ts';
import { DEFAULT_BOOK, readBook, type RuleBook } from '../../risk/rule-book.ts';
import type { AccountUse, BlockedSide, DeviceUse, PairHistory } from '../../risk/rule.ts';
import { readsFrom, readsPair, screen, type Payer, type Screened } from '../../risk/screen.ts';
import { cached } from '../cached.ts';
import type { SignedIn } from '../port.ts';
import { selectDevices, type DeviceKey } from './store-device.ts';
import { selectBlocked, selectPairs, selectRuleSettings, type Pair } from './store.ts';
import { selectUses } from './store-use.ts';

/** A payment as its rules must know it. */
export interface Asked {
  readonly channel: string;
  readonly kind: string;
  readonly amountSen: bigint;
  /** Absent where the network does not say it. */
  readonly payer: string | undefined;
  /** Absent where nobody is named: a bill goes to its biller. */
  readonly payee?: string | undefined;
  /** Ours by id, of another bank by NMID. */
  readonly merchant?: string | undefined;
  readonly who: Payer;
  /** The account whose use may be looked at. */
  readonly account?: string | undefined;
  /** The whole list that it is a part of. */
  readonly agreedSen?: bigint | undefined;
  /** Who is signed in, and where. */
  readonly signed?: SignedIn | undefined;
}

/** The verdict of the rules at an instant, and the pair to remember when the payment is made. */
export interface Screen {
  readonly at: (atMs: number) => Screened;
  readonly keeps: Pair | undefined;
  readonly lastAtMs: number | undefined;
}

export interface Screening {
  /** Reads what the rules need. Throws DbFault. */
  of(asked: Asked): Promise<Screen>;
  /** The rules in force. */
  book(): Promise<RuleBook>;
}

/** Opens the reader of one process. */
export function openScreening(input: {
  readonly db: Db;
  readonly time: Time;
  readonly log: Log;
}): Screening {
  const { db, time, log } = input;
  const book = cached({ time, log, unreadable: 'risk_rules.unreadable', read: bookReader(input) });
  const blocked = cached({
    time,
    log,
    unreadable: 'blocked_party.unreadable',
    read: async () =>
      new Set((await selectBlocked(db)).map(({ kind, subject }) => `${kind}:${subject}`)),
  });
  const pairs = readTogether({
    read: async (keys: readonly string[]) => selectPairs(db, keys.map(pairOf)),
    keyOf: textOf,
  });
  const uses = readTogether({
    read: (accounts: readonly string[]) => selectUses(db, { accounts, nowMs: time.now() }),
    keyOf: ({ account }) => account,
  });
  const devices = readTogether({
    read: (keys: readonly string[]) =>
      selectDevices(db, { keys: keys.map(deviceKeyOf), nowMs: time.now() }),
    keyOf: deviceText,
  });
  return {
    book,
    async of(asked) {
      const [rules, list] = await Promise.all([book(), blocked()]);
      const { payer, payee } = asked;
      const isPair = payer !== undefined && payee !== undefined && readsPair(rules, asked);
      const keeps = isPair ? { payer, payee } : undefined;
      const account = readsFrom(rules, 'readsUseFrom', asked) ? asked.account : undefined;
      const signed = readsFrom(rules, 'readsDeviceFrom', asked) ? asked.signed : undefined;
      const [paid, used, seen] = await Promise.all([
        keeps && pairs([textOf(keeps)]),
        account === undefined ? undefined : uses([account]),
        signed && devices([deviceText(signed)]),
      ]);
      const pair: PairHistory | undefined = keeps && paid?.get(textOf(keeps));
      const found: AccountUse | undefined = account === undefined ? undefined : used?.get(account);
      const use = found && withAgreed(found, asked);
      const device: DeviceUse | undefined = signed && seen?.get(deviceText(signed));
      const facts = { ...asked, pair, use, device, blocked: sidesOf(list, asked) };
      return {
        keeps,
        lastAtMs: pair?.lastAtMs,
        at: (atMs) => screen(rules, { facts: { ...facts, atMs }, payer: asked.who }),
      };
    },
  };
}

/** Keys hold no colon. */
function textOf({ payer, payee }: Pair): string {
  return `${payer}:${payee}`;
}

function pairOf(text: string): Pair {
  const [payer, payee] = text.split(':') as [string, string]; // written by `textOf`
  return { payer, payee };
}

/** Rows of a list that are asked about at once do not see each other: what was agreed to speaks for those on their way. */
function withAgreed(use: AccountUse, { agreedSen, amountSen }: Asked): AccountUse {
  if (agreedSen === undefined) return use;
  const othersSen = agreedSen - amountSen;
  const missingSen = othersSen > use.outDaySen ? othersSen - use.outDaySen : 0n;
  return {
    ...use,
    outQuarterSen: use.outQuarterSen + missingSen,
    outDaySen: use.outDaySen + missingSen,
    availableSen: use.availableSen - missingSen,
  };
}

function deviceText({ device, subject }: DeviceKey): string {
  return `${device}:${subject}`;
}

function deviceKeyOf(text: string): DeviceKey {
  const at = text.indexOf(':');
  return { device: text.slice(0, at), subject: text.slice(at + 1) };
}

function sidesOf(
  list: ReadonlySet<string>,
  { payer, payee, merchant }: Asked,
): readonly BlockedSide[] {
  if (list.size === 0) return NONE;
  return [
    ...(payer !== undefined && list.has(`account:${payer}`) ? (['payer'] as const) : []),
    ...(payee !== undefined && list.has(`account:${payee}`) ? (['payee'] as const) : []),
    ...(merchant !== undefined && list.has(`merchant:${merchant}`) ? (['merchant'] as const) : []),
  ];
}

const NONE: readonly BlockedSide[] = [];

/** The newest version that two people set and that this release understands. A version that does not count is told once by each
 * process: protection that is not in force is never missed in silence (I8). */
function bookReader(input: {
  readonly db: Db;
  readonly time: Time;
  readonly log: Log;
}): () => Promise<RuleBook> {
  const { db, time, log } = input;
  const told = new Set<number>();
  return async () => {
    let found: RuleBook | undefined;
    const broken: { version: number; why: 'one_person' | 'not_understood' }[] = [];
    for (const { version, value, approved_by } of await selectRuleSettings(db, time.now())) {
      found = approved_by === null ? undefined : readBook(version, value);
      if (found) break;
      if (!told.has(version))
        broken.push({ version, why: approved_by === null ? 'one_person' : 'not_understood' });
    }
    const book = found ?? DEFAULT_BOOK;
    if (broken.length === 0) return book;
    const atMs = time.now();
    await db.tx((tx) =>
      recordEvents(
        tx,
        broken.map(({ version, why }) => ({
          atMs,
          kind: 'risk_rules.ignored',
          subject: `risk.rules:${version}`,
          data: { version, why, inForce: book.version },
        })),
      ),
    );
    for (const { version, why } of broken) {
      told.add(version);
      log.error({ version, why, inForce: book.version }, 'risk_rules.ignored');
    }
    return book;
  };
}
