/** The forms of what staff ask about merchants. Each has a key of its own: sent twice, it asks once. */
import { useState } from 'preact/hooks';
import { formatRupiah } from '../../src/kernel/money.ts';
import { Field } from '../ui/field.tsx';
import { groupDigits } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { showToast } from '../ui/toast.tsx';
import { MERCHANT_WORDS } from './merchant-words.ts';
import { REQUEST_WORDS } from './merchant-request-words.ts';
import type { MerchantSale } from './shape.ts';
import { SignDialog } from './sign-dialog.tsx';

interface ActProps {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** As the API asks. */
const REASON_LENGTH_MIN = 5;

/** Says what came of it. */
export function tellSaid(answer: unknown): void {
  const { said } = answer as { readonly said: string };
  showToast(words(REQUEST_WORDS).said[said] ?? said);
}

function Reason(props: { readonly value: string; readonly onInput: (value: string) => void }) {
  const w = words(REQUEST_WORDS);
  return (
    <Field
      label={w.reason}
      hint={w.reasonHint}
      name="reason"
      maxLength={256}
      value={props.value}
      onInput={props.onInput}
    />
  );
}

const EMPTY = {
  nmid: '',
  name: '',
  city: '',
  postalCode: '',
  category: '',
  settlementAccount: '',
  terminals: '',
};

/** A merchant to open, as its papers say. */
export function OpenDialog(props: ActProps) {
  const w = words(REQUEST_WORDS);
  const m = words(MERCHANT_WORDS);
  const [key] = useState(() => crypto.randomUUID());
  const [draft, setDraft] = useState(EMPTY);
  const [merchantClass, setClass] = useState<string>('UMI');
  const [reason, setReason] = useState('');
  const terminals = draft.terminals
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const field = (
    name: keyof typeof EMPTY,
    of: { readonly label: string; readonly hint?: string; readonly maxLength: number },
    clean: (text: string) => string = (text) => text,
  ) => (
    <Field
      {...of}
      name={name}
      value={draft[name]}
      clean={clean}
      onInput={(value) => setDraft({ ...draft, [name]: value })}
    />
  );
  const upper = (text: string) => text.toUpperCase();
  const digits = (text: string) => text.replace(/\D/g, '');
  const isReady =
    Object.values(draft).every((text) => text.trim() !== '') &&
    reason.trim().length >= REASON_LENGTH_MIN;
  return (
    <SignDialog
      title={w.open}
      path="/merchant-requests"
      body={{
        key,
        reason: reason.trim(),
        merchant: {
          ...draft,
          name: draft.name.trim(),
          city: draft.city.trim(),
          merchantClass,
          terminals,
        },
      }}
      isReady={isReady}
      onClose={props.onClose}
      onDone={(answer) => {
        tellSaid(answer);
        props.onDone();
      }}
    >
      <p>{w.openLead}</p>
      {field('nmid', { label: 'NMID', hint: w.nmidHint, maxLength: 15 }, upper)}
      {field('name', { label: m.name, hint: w.nameHint, maxLength: 25 }, upper)}
      <div class="pair">
        {field('city', { label: w.city, maxLength: 15 }, upper)}
        {field('postalCode', { label: w.postalCode, maxLength: 5 }, digits)}
      </div>
      <label class="choice">
        <span>{m.merchantClass}</span>
        <select value={merchantClass} onChange={(event) => setClass(event.currentTarget.value)}>
          {Object.entries(m.classes).map(([one, name]) => (
            <option key={one} value={one}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {field('category', { label: m.category, hint: w.categoryHint, maxLength: 4 }, digits)}
      {field('settlementAccount', { label: m.account, hint: w.accountHint, maxLength: 20 }, digits)}
      {field('terminals', { label: w.terminals, hint: w.terminalsHint, maxLength: 200 })}
      <Reason value={reason} onInput={setReason} />
    </SignDialog>
  );
}

/** The end of a merchant. */
export function CloseDialog(
  props: ActProps & { readonly merchant: { readonly id: string; readonly name: string } },
) {
  const w = words(REQUEST_WORDS);
  const [key] = useState(() => crypto.randomUUID());
  const [reason, setReason] = useState('');
  return (
    <SignDialog
      title={w.closeTitle(props.merchant.name)}
      path={`/merchants/${props.merchant.id}/close`}
      body={{ key, reason: reason.trim() }}
      isReady={reason.trim().length >= REASON_LENGTH_MIN}
      onClose={props.onClose}
      onDone={(answer) => {
        tellSaid(answer);
        props.onDone();
      }}
    >
      <p>{w.closeLead}</p>
      <Reason value={reason} onInput={setReason} />
    </SignDialog>
  );
}

/** A sale to give back, whole or in part. */
export function RefundDialog(
  props: ActProps & {
    readonly merchantId: string;
    readonly sale: MerchantSale;
    readonly aloneSen: string;
  },
) {
  const w = words(REQUEST_WORDS);
  const { sale } = props;
  const [key] = useState(() => crypto.randomUUID());
  const [amount, setAmount] = useState('');
  const [reason, setReason] = useState('');
  const amountSen = BigInt(amount.replace(/\D/g, '') || '0') * 100n;
  return (
    <SignDialog
      title={w.refundTitle}
      path={`/merchants/${props.merchantId}/refunds`}
      body={{ key, saleId: sale.id, amountSen: String(amountSen), reason: reason.trim() }}
      isReady={
        amountSen > 0n &&
        amountSen <= BigInt(sale.leftSen) &&
        reason.trim().length >= REASON_LENGTH_MIN
      }
      onClose={props.onClose}
      onDone={(answer) => {
        tellSaid(answer);
        props.onDone();
      }}
    >
      <p>{w.refundLead(formatRupiah(BigInt(props.aloneSen)))}</p>
      <p>
        {w.left}:{' '}
        <strong>
          <Money amount={BigInt(sale.leftSen)} />
        </strong>
      </p>
      <Field
        label={w.amount}
        name="amount"
        prefix="Rp"
        inputMode="numeric"
        maxLength={18}
        value={amount}
        clean={(text) => groupDigits(text.replace(/\D/g, ''))}
        onInput={setAmount}
        hasFocus
      />
      <Reason value={reason} onInput={setReason} />
    </SignDialog>
  );
}
