import type { ComponentChildren } from 'preact';
import { nowMs } from './clock.ts';
import { showClock, showDate } from './format.ts';
import { Icon } from './icon.tsx';
import { language, words } from './language.ts';
import { UI_WORDS } from './ui-words.ts';

/** One step of a payment. `failed` = it ended here without success; the words say what happened to the money. */
export interface TimelineStep {
  readonly key: string;
  readonly label: string;
  readonly state: 'done' | 'now' | 'ahead' | 'failed';
  readonly atMs?: number | undefined;
  readonly note?: string | undefined;
  /** The console's raw message, on demand. */
  readonly detail?: ComponentChildren;
}

/** Diterima → Didebit → Dikirim → Diterima bank tujuan → Selesai, with times, and the promise under it. The same component in
 * app, desk and console. */
export function PaymentTimeline(props: {
  readonly steps: readonly TimelineStep[];
  readonly label: string;
  readonly promise?: ComponentChildren;
}) {
  const w = words(UI_WORDS);
  const dates = newDates(props.steps);
  const spoken = { done: w.done, now: w.current, ahead: w.ahead, failed: w.failed };
  return (
    <div class="timeline-block">
      <ol class="timeline" aria-label={props.label}>
        {props.steps.map((step) => (
          <li
            key={step.key}
            class={`timeline-step step-${step.state}`}
            aria-current={step.state === 'now' ? 'step' : undefined}
          >
            <span class="step-dot" aria-hidden="true">
              {step.state === 'done' && <Icon name="check" size={14} />}
              {step.state === 'failed' && <Icon name="close" size={14} />}
            </span>
            <span class="step-text">
              <span class="step-label">
                {step.label}
                <span class="for-ears">, {spoken[step.state]}</span>
              </span>
              {step.atMs !== undefined && (
                <time class="step-time" dateTime={new Date(step.atMs).toISOString()}>
                  {showClock(step.atMs)}
                </time>
              )}
              {dates.get(step.key) && <span class="step-date">{dates.get(step.key)}</span>}
              {step.note && <span class="step-note">{step.note}</span>}
              {step.detail}
            </span>
          </li>
        ))}
      </ol>
      {props.promise && <p class="timeline-promise">{props.promise}</p>}
    </div>
  );
}

/** The date beside the first step that is not today, and beside each step on another day than the one before. */
function newDates(steps: readonly TimelineStep[]): ReadonlyMap<string, string> {
  const dates = new Map<string, string>();
  let last = showDate(nowMs.value, language.value);
  for (const { key, atMs } of steps) {
    if (atMs === undefined) continue;
    const date = showDate(atMs, language.value);
    if (date !== last) dates.set(key, date);
    last = date;
  }
  return dates;
}
