import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { words } from '../ui/language.ts';
import { go } from '../ui/router.ts';
import { ScreenHead } from './screen-head.tsx';
import { APP_WORDS } from './words.ts';

/** QRIS is part of the app's plan and not of this version: said plainly, with what works instead. */
export function QrisScreen() {
  const w = words(APP_WORDS);
  return (
    <div class="body">
      <ScreenHead title={w.qrisTitle} />
      <EmptyState
        icon="qris"
        title={w.qrisAbsent}
        action={<Button onPress={() => go('/transfer')}>{w.qrisInstead}</Button>}
      >
        {w.qrisWhy}
      </EmptyState>
    </div>
  );
}
