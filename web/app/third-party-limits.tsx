/** How much a partner may take at once and in a day, as the customer sets it. */
import type { Signal } from '@preact/signals';
import { Field } from '../ui/field.tsx';
import { groupDigits } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { THIRD_PARTY_WORDS } from './third-party-words.ts';

/** Whole rupiah as typed, digits only. */
export interface LimitDraft {
  readonly each: string;
  readonly day: string;
}

/** Digits of whole rupiah that a limit takes. */
const DIGITS_MAX = 12;

/** The limits as the server takes them; undefined while they break the rule. */
export function limitsOf(draft: LimitDraft):
  | {
      readonly perPayment: { readonly value: string; readonly currency: 'IDR' };
      readonly perDay: { readonly value: string; readonly currency: 'IDR' };
    }
  | undefined {
  const each = BigInt(draft.each || '0');
  const day = BigInt(draft.day || '0');
  if (each <= 0n || day < each) return undefined;
  return {
    perPayment: { value: `${each}.00`, currency: 'IDR' },
    perDay: { value: `${day}.00`, currency: 'IDR' },
  };
}

/** The two fields. */
export function LimitFields(props: { readonly draft: Signal<LimitDraft>; readonly rule: string }) {
  const w = words(THIRD_PARTY_WORDS);
  const { draft } = props;
  const field = (key: keyof LimitDraft, label: string) => (
    <Field
      label={label}
      name={`limit-${key}`}
      prefix="Rp"
      inputMode="numeric"
      value={groupDigits(draft.value[key])}
      clean={(text) => groupDigits(text.replace(/\D/g, '').replace(/^0+/, '').slice(0, DIGITS_MAX))}
      error={key === 'day' && props.rule ? { rule: props.rule } : undefined}
      onInput={(text) => (draft.value = { ...draft.value, [key]: text.replace(/\D/g, '') })}
    />
  );
  return (
    <section class="block">
      {field('each', w.limitEach)}
      {field('day', w.limitDay)}
      <p class="small">{w.limitsWhy}</p>
    </section>
  );
}
