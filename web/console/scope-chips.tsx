import { formatRupiah } from '../../src/kernel/money.ts';
import { words } from '../ui/language.ts';
import type { Scope } from './shape.ts';
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

const RAIL_NAMES: Readonly<Record<string, string>> = {
  bifast: 'BI-FAST',
  qris: 'QRIS',
  switch: 'Online (switch)',
};

/** The same parts as text, for buttons. */
export function scopeParts(scope: Scope, w: (typeof CONSOLE_WORDS)['id']): readonly string[] {
  const parts: string[] = [];
  if (scope.rail)
    parts.push(RAIL_NAMES[scope.rail] ?? (scope.rail === 'onus' ? w.rails.onus : scope.rail));
  if (scope.direction) parts.push(scope.direction === 'in' ? w.incoming : w.out);
  if (scope.channel) parts.push(w.channels[scope.channel] ?? scope.channel);
  if (scope.bank) parts.push(scope.bank);
  if (scope.account) parts.push(`${'*'.repeat(4)}${scope.account.slice(-4)}`);
  if (scope.amountFromSen) parts.push(`≥ ${formatRupiah(BigInt(scope.amountFromSen))}`);
  return parts.length === 0 ? [w.all] : parts;
}
