/** The first person's form: an explanation, with or without a correction between two of the bank's own accounts. */
import { useState } from 'preact/hooks';
import { Field } from '../ui/field.tsx';
import { groupDigits } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { MATCH_WORDS } from './match-words.ts';
import type { AccountView, BreakView } from './match-shape.ts';
import { SignDialog } from './sign-dialog.tsx';

const REASON_MIN = 20;
const SEN_PER_RUPIAH = 100n;

/** The dialog. The amount is filled in with the break's own. */
export function EndDialog(props: {
  readonly one: BreakView;
  readonly accounts: readonly AccountView[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const w = words(MATCH_WORDS);
  const { one } = props;
  const whole = BigInt(one.amountSen) / SEN_PER_RUPIAH;
  const [reason, setReason] = useState('');
  const [hasCorrection, setCorrection] = useState(false);
  const [debitAccount, setDebit] = useState('');
  const [creditAccount, setCredit] = useState('');
  const [rupiah, setRupiah] = useState(groupDigits(String(whole)));
  const digits = rupiah.replaceAll('.', '');
  // The break's own sen are kept where the amount was left as it stood.
  const amountSen =
    digits === String(whole) ? one.amountSen : String(BigInt(digits || '0') * SEN_PER_RUPIAH);
  const isChosen = debitAccount !== '' && creditAccount !== '' && debitAccount !== creditAccount;
  const isReady =
    reason.trim().length >= REASON_MIN && (!hasCorrection || (isChosen && amountSen !== '0'));
  return (
    <SignDialog
      title={w.sign}
      path={`/breaks/${one.id}/proposals`}
      body={{
        breakAmountSen: one.amountSen,
        reason: reason.trim(),
        ...(hasCorrection ? { correction: { debitAccount, creditAccount, amountSen } } : {}),
      }}
      isReady={isReady}
      onClose={props.onClose}
      onDone={props.onDone}
    >
      <p class="soft">{w.proposeTitle}</p>
      <Field
        label={w.reason}
        hint={w.reasonHint}
        name="reason"
        value={reason}
        onInput={setReason}
        maxLength={500}
        hasFocus
      />
      <label class="tick">
        <input
          type="checkbox"
          checked={hasCorrection}
          onChange={(event) => setCorrection(event.currentTarget.checked)}
        />{' '}
        {w.withCorrection}
      </label>
      {hasCorrection && (
        <>
          <AccountChoice
            label={w.debit}
            value={debitAccount}
            onPick={setDebit}
            of={props.accounts}
          />
          <AccountChoice
            label={w.credit}
            value={creditAccount}
            onPick={setCredit}
            of={props.accounts}
          />
          <Field
            label={w.amount}
            name="amount"
            value={rupiah}
            inputMode="numeric"
            prefix="Rp"
            clean={(text) => groupDigits(text.replace(/\D/g, '').slice(0, 15))}
            onInput={setRupiah}
          />
        </>
      )}
    </SignDialog>
  );
}

function AccountChoice(props: {
  readonly label: string;
  readonly value: string;
  readonly onPick: (account: string) => void;
  readonly of: readonly AccountView[];
}) {
  return (
    <label class="choice">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onPick(event.currentTarget.value)}>
        <option value="">–</option>
        {props.of.map(({ number }) => (
          <option key={number} value={number}>
            {number}
          </option>
        ))}
      </select>
    </label>
  );
}
