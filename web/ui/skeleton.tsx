import { words } from './language.ts';
import { UI_WORDS } from './ui-words.ts';

/** Grey lines where content will be; says "loading" to screen readers once. */
export function Skeleton(props: { readonly lines?: number; readonly height?: number }) {
  return (
    <div class="skeleton-block" role="status">
      <span class="for-ears">{words(UI_WORDS).loading}</span>
      {Array.from({ length: props.lines ?? 3 }, (_, line) => (
        <span
          key={line}
          class="skeleton"
          style={{ height: `${props.height ?? 16}px` }}
          aria-hidden="true"
        />
      ))}
    </div>
  );
}

/** A bar that fills: 0–100. Amber from 50, red from 80 when it is a clock (`isClock`). */
export function Progress(props: {
  readonly percent: number;
  readonly label: string;
  readonly isClock?: boolean;
}) {
  const percent = Math.max(0, Math.min(100, Math.round(props.percent)));
  const tone = !props.isClock || percent < 50 ? 'calm' : percent < 80 ? 'limited' : 'stopped';
  return (
    <div
      class={`progress progress-${tone}`}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent}%` }} />
    </div>
  );
}
