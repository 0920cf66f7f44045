import { words } from '../ui/language.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { MERCHANT_WORDS } from './merchant-words.ts';
import type { MerchantRow } from './shape.ts';

/** Whether a merchant takes payments now. */
export function MerchantState({
  one,
}: {
  readonly one: Pick<MerchantRow, 'restrictions' | 'closedAtMs'>;
}) {
  const w = words(MERCHANT_WORDS);
  if (one.closedAtMs !== null) return <StateMark state="unknown" word={w.closed} />;
  const isStopped = one.restrictions.some(({ action }) => action === 'stop');
  const isLimited = one.restrictions.some(({ action }) => action !== 'allow');
  const [state, word] = isStopped
    ? (['stopped', w.stopped] as const)
    : isLimited
      ? (['limited', w.limited] as const)
      : (['normal', w.open] as const);
  return <StateMark state={state} word={word} />;
}
