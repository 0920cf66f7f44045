/** `pulih bench`: measures on this machine, with references in the same run. Each benchmark loads when it is asked for. */
import type { Typed } from './verb.ts';

/** What was typed, in numbers. */
export interface BenchOptions {
  readonly seconds: number;
  /** Left out: the benchmark has a number of its own. */
  readonly clients?: number;
  /** Accounts to spread transfers over, where a benchmark does. */
  readonly accounts?: number;
  /** Withdrawals and QRIS payments offered a second, each. */
  readonly rate?: number;
  /** Transfers that a ledger holds when it counts as grown. */
  readonly transfers?: number;
  readonly asJson: boolean;
}

const SECONDS_DEFAULT = 30;
const SECONDS_MAX = 3_600;
const CLIENTS_MAX = 1_000;
const ACCOUNTS_MAX = 1_000_000;
const TRANSFERS_MAX = 100_000_000;
const RATE_MAX = 5_000;

/** Runs the benchmark that the word names; 0 when nothing failed, 1 when the result is not sound, 2 for a wrong usage. */
export async function run(typed: Typed): Promise<number> {
  const name = typed.words[0];
  // Not for people: processes that make a load.
  if (name === 'load') return (await import('./bench/load.ts')).serveLoad();
  if (name === 'post') return (await import('./bench/post.ts')).servePost();
  if (name === 'hold') return (await import('./bench/hold.ts')).serveHold();
  const seconds = numberOf(typed, {
    name: 'seconds',
    otherwise: SECONDS_DEFAULT,
    max: SECONDS_MAX,
  });
  // 0 stands for "not given": the benchmark has a number of its own.
  const clients = numberOf(typed, { name: 'clients', otherwise: 0, max: CLIENTS_MAX });
  const accounts = numberOf(typed, { name: 'accounts', otherwise: 0, max: ACCOUNTS_MAX });
  const transfers = numberOf(typed, { name: 'transfers', otherwise: 0, max: TRANSFERS_MAX });
  const rate = numberOf(typed, { name: 'rate', otherwise: 0, max: RATE_MAX });
  if (
    seconds === undefined ||
    rate === undefined ||
    clients === undefined ||
    accounts === undefined ||
    transfers === undefined ||
    accounts === 1
  ) {
    process.stderr.write(
      `Usage: --seconds 1..${SECONDS_MAX}, --clients 1..${CLIENTS_MAX}, --accounts 2..${ACCOUNTS_MAX}, --transfers 1..${TRANSFERS_MAX}, --rate 1..${RATE_MAX}\n`,
    );
    return 2;
  }
  const options: BenchOptions = {
    seconds,
    ...(clients > 0 && { clients }),
    ...(accounts > 0 && { accounts }),
    ...(transfers > 0 && { transfers }),
    ...(rate > 0 && { rate }),
    asJson: typed.flags['json'] === true,
  };
  if (name === 'payments') return (await import('./bench/payments.ts')).benchPayments(options);
  if (name === 'ledger') return (await import('./bench/ledger.ts')).benchLedger(options);
  if (name === 'rails') return (await import('./bench/rails.ts')).benchRails(options);
  if (name === 'codecs') return (await import('./bench/codecs.ts')).benchCodecs(options);
  if (name === 'guard') return (await import('./bench/guard.ts')).benchGuard(options);
  if (name === 'localise') return (await import('./bench/localise.ts')).benchLocalise(options);
  process.stderr.write(
    'Usage: pulih bench payments|rails|ledger|codecs|guard|localise [--seconds N] [--rate N] [--clients N] [--accounts N] [--transfers N] [--json]\n',
  );
  return 2;
}

function numberOf(
  typed: Typed,
  rule: { readonly name: string; readonly otherwise: number; readonly max: number },
): number | undefined {
  const text = typed.flags[rule.name];
  if (typeof text !== 'string') return rule.otherwise;
  const value = Number(text);
  return /^\d+$/.test(text) && value >= 1 && value <= rule.max ? value : undefined;
}
