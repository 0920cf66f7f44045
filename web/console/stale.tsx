import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { CONSOLE_WORDS } from './words.ts';

/** Says that what is shown is old. */
export function Stale(props: { readonly isStale: boolean }) {
  return props.isStale ? (
    <Notice state="unknown" title={words(CONSOLE_WORDS).offline} isUrgent />
  ) : null;
}
