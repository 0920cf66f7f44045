/** What the rules of risk say where a network, a machine or a merchant asks and nobody can wait for a person of ours: what would be asked or
 * held is refused, in the asker's own terms. The blocked list is the one that every process keeps: no read of its own per payment. */
import { recordEvents } from '../../audit/record.ts';
import type { Screened } from '../../risk/screen.ts';
import type { PaymentContext } from '../context.ts';
import type { Party } from '../party.ts';
import { screenedEvents } from './said.ts';
import type { Screening } from './screening.ts';

/** Who asks for what. */
export interface NetworkAsked {
  readonly channel: string;
  readonly kind: 'credit' | 'sale' | 'cash' | 'deposit' | 'presented' | 'refund';
  readonly amountSen: bigint;
  readonly payer?: Party | undefined;
  readonly payee?: Party | undefined;
  readonly merchant?: string | undefined;
  /** The account of ours whose use may be looked at: where money leaves it. */
  readonly account?: string | undefined;
}

type ScreenContext = Pick<PaymentContext, 'parties' | 'time'> & {
  readonly screening: Pick<Screening, 'of'>;
};

/** The rules' word. Throws DbFault where nothing was ever read. */
export async function screenNetwork(
  context: ScreenContext,
  asked: NetworkAsked,
): Promise<Screened> {
  const { keyOf } = context.parties;
  const { payer, payee, ...rest } = asked;
  const screen = await context.screening.of({
    ...rest,
    payer: payer && keyOf(payer),
    payee: payee && keyOf(payee),
    who: { canAnswer: false, answered: [] },
  });
  return screen.at(context.time.now());
}

/** True when the payment must not be. */
export function isDeclined({ verdict }: Screened): boolean {
  return verdict !== 'allow';
}

/** Tells what rules said of what leaves no row. As well as it goes: a refusal stands whether or not it is counted. */
export async function tellScreened(
  context: Pick<PaymentContext, 'db' | 'time' | 'log'>,
  screened: Screened,
  id: string,
): Promise<void> {
  try {
    await context.db.tx((tx) =>
      recordEvents(tx, screenedEvents({ id, madeAtMs: context.time.now() }, screened)),
    );
  } catch (error) {
    context.log.warn({ error: (error as Error).message }, 'payment.risk_not_counted');
  }
}
