import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { nowMs } from '../ui/clock.ts';
import { showMoment } from '../ui/format.ts';
import { language, words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import type { Loaded } from './load.ts';
import { APP_WORDS } from './words.ts';

/** What stands where an answer will be: grey lines, the bank's own refusal, or that nothing has arrived. */
export function NotLoaded(props: {
  readonly state: Loaded<unknown>;
  readonly onRetry: () => void;
}) {
  const w = words(APP_WORDS);
  const again = (
    <Button kind="quiet" onPress={props.onRetry}>
      {w.retry}
    </Button>
  );
  if (props.state.problem)
    return (
      <EmptyState title={props.state.problem.title} action={again}>
        {props.state.problem.wayOut}
      </EmptyState>
    );
  if (props.state.isLost)
    return (
      <EmptyState icon="wifiOff" title={w.notLoaded} action={again}>
        {w.notLoadedWhy}
      </EmptyState>
    );
  return <Skeleton lines={5} height={44} />;
}

/** Says the age of what is shown while newer data is out of reach. */
export function StaleNotice(props: { readonly state: Loaded<unknown> }) {
  const w = words(APP_WORDS);
  if (!props.state.isLost || props.state.loadedAtMs === undefined) return null;
  return (
    <Notice state="unknown" title={w.offlineTitle}>
      <p>
        {w.offlineOld(
          showMoment({
            atMs: props.state.loadedAtMs,
            nowMs: nowMs.value,
            language: language.value,
          }),
        )}
      </p>
    </Notice>
  );
}
