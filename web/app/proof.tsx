import { Button } from '../ui/button.tsx';
import { words } from '../ui/language.ts';
import { showToast } from '../ui/toast.tsx';
import { BILL_WORDS } from './bill-words.ts';
import type { PaymentDetail } from './wire.ts';

/** What proves a paid bill: a token big enough to type from, every other number, or that it is still on its way. */
export function Proof(props: { readonly bill: NonNullable<PaymentDetail['bill']> }) {
  const w = words(BILL_WORDS);
  const { token, tokenLabel, lines, receiptDue } = props.bill;
  if (token === undefined && lines.length === 0 && receiptDue === undefined) return null;
  return (
    <section class="card stack">
      <h2 class="card-title">{w.proof}</h2>
      {token !== undefined && (
        <div class="token">
          <p class="small">{tokenLabel}</p>
          <p class="token-digits">{token}</p>
          <p class="small">{w.tokenHow}</p>
          <Button kind="quiet" onPress={() => void copy(token, w.tokenCopied)}>
            {w.copyToken}
          </Button>
        </div>
      )}
      {lines.length > 0 && (
        <dl class="facts">
          {lines.map(({ label, value }) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {receiptDue !== undefined && <p>{receiptDue}</p>}
    </section>
  );
}

async function copy(token: string, said: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(token.replaceAll(' ', ''));
    showToast(said);
  } catch {
    // No clipboard here: the digits stay on screen, selectable.
  }
}
