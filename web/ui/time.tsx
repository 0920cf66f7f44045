import { nowMs } from './clock.ts';
import { showMoment } from './format.ts';
import { language } from './language.ts';

/** An instant for people: `14:32 WIB`, with its date when it is not today. */
export function Time(props: { readonly atMs: number }) {
  return (
    <time class="time" dateTime={new Date(props.atMs).toISOString()}>
      {showMoment({ atMs: props.atMs, nowMs: nowMs.value, language: language.value })}
    </time>
  );
}
