import { formatRupiah } from '../../src/kernel/money.ts';
import { words } from '../ui/language.ts';
import type { Scope } from './shape.ts';
import { RESTRICTION_WORDS } from './restriction-words.ts';
import { CONSOLE_WORDS } from './words.ts';

/** A scope as chips: `BI-FAST · keluar · mobile · BNINIDJA · ≥ Rp200.000.000`. */
export function ScopeChips({ scope }: { readonly scope: Scope }) {
  return (
    <ul class="chips">
      {scopeParts(scope, words(CONSOLE_WORDS)).map((part) => (
        <li key={part} class="chip">
          {part}
        </li>
      ))}
    </ul>
  );
}

/** As the gate counts them. */
const BUCKET_COUNT = 10_000;

const RAIL_NAMES: Readonly<Record<string, string>> = {
  bifast: 'BI-FAST',
  qris: 'QRIS',
  switch: 'Online (switch)',
};

/** The same parts as text, for buttons. */
export function scopeParts(scope: Scope, w: (typeof CONSOLE_WORDS)['id']): readonly string[] {
  const parts: string[] = [];
  const { part } = words(RESTRICTION_WORDS);
  if (scope.rail)
    parts.push(
      RAIL_NAMES[scope.rail] ?? { onus: w.rails.onus, biller: w.bills }[scope.rail] ?? scope.rail,
    );
  else if (scope.direction) parts.push(w.allRails);
  if (scope.direction) parts.push(scope.direction === 'in' ? w.incoming : w.out);
  if (scope.channel) parts.push(w.channels[scope.channel] ?? scope.channel);
  if (scope.bank) parts.push(scope.bank);
  if (scope.product) parts.push(scope.product);
  if (scope.account) parts.push(`${'*'.repeat(4)}${scope.account.slice(-4)}`);
  if (scope.cohort) parts.push(part.cohort(scope.cohort.name, scope.cohort.payers.length));
  if (scope.bucketFrom !== undefined || scope.bucketTo !== undefined)
    parts.push(part.buckets(scope.bucketFrom ?? 0, scope.bucketTo ?? BUCKET_COUNT));
  if (scope.payees) parts.push(part.payees(scope.payees.length));
  if (scope.payeeCategory) parts.push(part.category(scope.payeeCategory.name));
  if (scope.merchant) parts.push(scope.merchant);
  if (scope.amountFromSen) parts.push(`≥ ${formatRupiah(BigInt(scope.amountFromSen))}`);
  if (scope.amountToSen) parts.push(`< ${formatRupiah(BigInt(scope.amountToSen))}`);
  return parts.length === 0 ? [w.all] : parts;
}
