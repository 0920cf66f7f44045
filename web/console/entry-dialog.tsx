/** The first person's form of an entry of treasury. */
import { useState } from 'preact/hooks';
import { Field } from '../ui/field.tsx';
import { groupDigits } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { LIQUIDITY_WORDS } from './liquidity-words.ts';
import { SignDialog } from './sign-dialog.tsx';

const REFERENCE = /^[A-Za-z0-9/._-]{3,60}$/;
const DIRECTIONS = ['top_up', 'withdrawal'] as const;

/** The dialog. */
export function EntryDialog(props: {
  readonly rails: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const w = words(LIQUIDITY_WORDS);
  const [rail, setRail] = useState(props.rails[0] ?? 'bifast');
  const [direction, setDirection] = useState<(typeof DIRECTIONS)[number]>('top_up');
  const [rupiah, setRupiah] = useState('');
  const [reference, setReference] = useState('');
  const amountSen = String(BigInt(rupiah.replaceAll('.', '') || '0') * 100n);
  return (
    <SignDialog
      title={w.addTitle}
      path="/treasury"
      body={{ rail, direction, amountSen, reference }}
      isReady={amountSen !== '0' && REFERENCE.test(reference)}
      onClose={props.onClose}
      onDone={props.onDone}
    >
      <label class="choice">
        <span>{w.rail}</span>
        <select value={rail} onChange={(event) => setRail(event.currentTarget.value)}>
          {props.rails.map((one) => (
            <option key={one} value={one}>
              {w.rails[one] ?? one}
            </option>
          ))}
        </select>
      </label>
      <label class="choice">
        <span>{w.direction}</span>
        <select
          value={direction}
          onChange={(event) =>
            setDirection(DIRECTIONS.find((one) => one === event.currentTarget.value) ?? 'top_up')
          }
        >
          {DIRECTIONS.map((one) => (
            <option key={one} value={one}>
              {w.directions[one]}
            </option>
          ))}
        </select>
      </label>
      <Field
        label={w.amount}
        name="amount"
        value={rupiah}
        inputMode="numeric"
        prefix="Rp"
        clean={(text) => groupDigits(text.replace(/\D/g, '').slice(0, 15))}
        onInput={setRupiah}
      />
      <Field
        label={w.reference}
        hint={w.referenceHint}
        name="reference"
        value={reference}
        onInput={setReference}
        maxLength={60}
      />
    </SignDialog>
  );
}
