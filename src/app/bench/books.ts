/** What `pulih bench payments` asks the books after its load: nothing lost, nothing double, and every answer true. */
import { selectPartnerTotals, type PartnerTotals } from '../../bench/store-payments.ts';
import type { Time } from '../../kernel/time.ts';
import { verifyLedger } from '../../ledger/verify.ts';
import type { BenchBank } from './bank.ts';
import type { LoadReport } from './load.ts';

/** What was found. */
export interface Books {
  readonly balanced: boolean;
  readonly payments: number;
  readonly answers: number;
  /** Movements of money; one for each transfer inside the bank, and one for each line of the others. */
  readonly transfers: number;
  readonly problems: readonly string[];
}

export interface LoadKinds {
  readonly onus: readonly LoadReport[];
  readonly bifast: readonly LoadReport[];
}

/** Payments on their way when the load ends have their outcome soon. */
const OPEN_MS_MAX = 60_000;
const POLL_MS = 250;

/** Compares answers, payments and ledger of one partner. Waits until no payment is open. */
export async function checkBooks(
  bank: BenchBank,
  input: { readonly partnerId: string; readonly loads: LoadKinds; readonly time: Time },
): Promise<Books> {
  const { partnerId, loads } = input;
  const bifast = await closedTotals(bank, input);
  const onus = await selectPartnerTotals(bank.db, { partnerId, kind: 'onus' });
  const ledger = await verifyLedger(bank.db);
  const problems = [
    ...(ledger.balanced ? [] : ['the ledger is not balanced']),
    ...compare('onus', { totals: onus, loads: loads.onus }),
    ...compare('BI-FAST', { totals: bifast, loads: loads.bifast }),
    ...(bifast.open > 0n ? [`${bifast.open} BI-FAST payments are still open`] : []),
    ...(onus.transfers === onus.settled
      ? []
      : [`${onus.settled} settled payments, but ${onus.transfers} movements of money`]),
    ...(bank.restarts() > 0 ? [`${bank.restarts()} processes had to be started again`] : []),
  ];
  return {
    balanced: ledger.balanced,
    payments: Number(onus.settled + bifast.settled),
    answers: [...loads.onus, ...loads.bifast].reduce((sum, load) => sum + load.doneInAll, 0),
    transfers: Number(onus.transfers + bifast.transfers),
    problems,
  };
}

async function closedTotals(
  bank: BenchBank,
  input: { readonly partnerId: string; readonly time: Time },
): Promise<PartnerTotals> {
  const { partnerId, time } = input;
  const untilMs = time.now() + OPEN_MS_MAX;
  for (;;) {
    const totals = await selectPartnerTotals(bank.db, { partnerId, kind: 'bifast_out' });
    if (totals.open === 0n || time.now() > untilMs) return totals;
    await time.sleep(POLL_MS);
  }
}

/** Every answer of success is one settled payment with its movements of money, and there is nothing else. */
function compare(
  name: string,
  input: { readonly totals: PartnerTotals; readonly loads: readonly LoadReport[] },
): readonly string[] {
  const { totals, loads } = input;
  const answers = BigInt(loads.reduce((sum, load) => sum + load.doneInAll, 0));
  const answeredSen = loads.reduce((sum, load) => sum + BigInt(load.movedSen), 0n);
  // One that is on its way, or has no answer, may be paid; one that was refused has a row but moved nothing.
  const perhaps = BigInt(
    loads.reduce((sum, load) => sum + load.pending + (load.errors['no_answer'] ?? 0), 0),
  );
  const problems: string[] = [];
  if (totals.settled < answers || totals.settled > answers + perhaps)
    problems.push(`${name}: ${answers} answers of success, but ${totals.settled} settled payments`);
  if (totals.references !== totals.payments)
    problems.push(
      `${name}: ${totals.payments - totals.references} payments under a reference that was used before`,
    );
  if (totals.movedSen !== totals.settledSen + totals.feeSen)
    problems.push(
      `${name}: ${totals.settledSen + totals.feeSen} sen settled, but ${totals.movedSen} sen moved`,
    );
  if (perhaps === 0n && totals.settledSen !== answeredSen)
    problems.push(`${name}: ${answeredSen} sen answered for, but ${totals.settledSen} sen settled`);
  return problems;
}
