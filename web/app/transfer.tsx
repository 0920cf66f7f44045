import { PayeeStep } from './payee-step.tsx';
import { AmountStep } from './amount-step.tsx';
import { draft } from './draft.ts';

/** The transfer, in steps that are addresses: payee, amount; then a sheet to check, agree and enter the PIN. */
export function TransferScreen(props: { readonly step: 'payee' | 'amount' }) {
  return props.step === 'amount' && draft.value.checked ? <AmountStep /> : <PayeeStep />;
}
