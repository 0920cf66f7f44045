import type { ComponentChildren } from 'preact';
import { nowMs } from '../ui/clock.ts';
import { showMoment } from '../ui/format.ts';
import { language, words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { UI_WORDS } from '../ui/ui-words.ts';
import type { Explanation } from './wire.ts';

/** A restriction in full: what happened, why, what works, when the next news comes. */
export function Explained(props: {
  readonly explanation: Explanation;
  readonly action?: ComponentChildren;
}) {
  const w = words(UI_WORDS);
  const { explanation } = props;
  return (
    <Notice state={explanation.state} title={explanation.title} action={props.action}>
      <p>{explanation.reason}</p>
      <p>
        <b>{w.alternative}:</b> {explanation.alternative}
      </p>
      {explanation.nextUpdateAtMs !== undefined && (
        <p>
          <b>
            {w.nextUpdate}{' '}
            {showMoment({
              atMs: explanation.nextUpdateAtMs,
              nowMs: nowMs.value,
              language: language.value,
            })}
          </b>
        </p>
      )}
    </Notice>
  );
}
