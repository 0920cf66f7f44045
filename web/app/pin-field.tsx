import type { Signal } from '@preact/signals';
import { Field, type FieldError } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { APP_WORDS } from './words.ts';

const PIN = /^[0-9]{6}$/;

/** True for six digits; the bank says whether they are the right ones. */
export function isPin(text: string): boolean {
  return PIN.test(text);
}

/** The one field for a PIN: digits only, never shown, never kept by the browser. */
export function PinField(props: {
  readonly pin: Signal<string>;
  readonly error: FieldError | undefined;
}) {
  const { pin } = props;
  return (
    <div class="pin">
      <Field
        label={words(APP_WORDS).pin}
        name="pin"
        type="password"
        inputMode="numeric"
        maxLength={6}
        isLarge
        hasFocus
        value={pin.value}
        clean={(text) => text.replace(/\D/g, '')}
        error={props.error}
        onInput={(value) => (pin.value = value)}
      />
    </div>
  );
}
