/** "Kapan?": now, or on a date, once or again and again, with an end. */
import { wibDate } from '../../src/kernel/time.ts';
import { nowMs } from '../ui/clock.ts';
import { Field, type FieldError } from '../ui/field.tsx';
import { showDate } from '../ui/format.ts';
import { language, words } from '../ui/language.ts';
import { draft, fill, type Draft } from './draft.ts';
import { Segments } from './segments.tsx';
import { STANDING_WORDS } from './standing-words.ts';

const DAY_MS = 86_400_000;
/** As far ahead as the bank takes a first date. */
const AHEAD_DAYS = 365;
const TIMES_MAX = 520;

/** What is not filled in yet, before anybody is asked. */
export function refuseWhen():
  | { readonly where: 'firstDate' | 'end'; readonly rule: string }
  | undefined {
  const w = words(STANDING_WORDS);
  const { isLater, firstDate, repetition, end, untilDate, times } = draft.value;
  if (!isLater) return undefined;
  if (!firstDate) return { where: 'firstDate', rule: w.firstDateRule };
  if (repetition === 'once') return undefined;
  if (end === 'until' && !untilDate) return { where: 'end', rule: w.untilRule };
  const count = Number(times);
  if (end === 'times' && !(count >= 1 && count <= TIMES_MAX))
    return { where: 'end', rule: w.timesRule };
  return undefined;
}

/** The choice, and its fields once something later is chosen. */
export function WhenFields(props: {
  readonly firstDateError: FieldError | undefined;
  readonly endError: FieldError | undefined;
}) {
  const w = words(STANDING_WORDS);
  const { isLater, repetition, firstDate, end } = draft.value;
  return (
    <>
      <Segments
        label={w.whenTitle}
        options={{ now: w.now, later: w.later }}
        chosen={isLater ? 'later' : 'now'}
        onChoose={(chosen) => fill({ isLater: chosen === 'later' })}
      />
      {isLater && (
        <>
          <Segments
            label={w.repetition}
            options={w.repetitions}
            chosen={repetition}
            onChoose={(chosen) => fill({ repetition: chosen as Draft['repetition'] })}
          />
          <Field
            label={repetition === 'once' ? w.firstDate : w.firstDateRepeated}
            name="first-date"
            type="date"
            min={wibDate(nowMs.value + DAY_MS)}
            max={wibDate(nowMs.value + AHEAD_DAYS * DAY_MS)}
            value={firstDate}
            hint={firstDate ? `${inWords(firstDate)}.` : w.firstDateHint}
            error={props.firstDateError}
            onInput={(text) => fill({ firstDate: text })}
          />
          {repetition !== 'once' && (
            <Segments
              label={w.end}
              options={w.ends}
              chosen={end}
              onChoose={(chosen) => fill({ end: chosen as Draft['end'] })}
            />
          )}
          {repetition !== 'once' && <EndField error={props.endError} />}
        </>
      )}
    </>
  );
}

/** A date box shows its date the way the browser likes; these are the words that the bank will use. */
function inWords(date: string): string {
  return showDate(Date.parse(`${date}T00:00:00+07:00`), language.value);
}

function EndField(props: { readonly error: FieldError | undefined }) {
  const w = words(STANDING_WORDS);
  const { end, untilDate, times, firstDate } = draft.value;
  if (end === 'until')
    return (
      <Field
        label={w.untilDate}
        name="until-date"
        type="date"
        min={firstDate}
        value={untilDate}
        hint={untilDate ? inWords(untilDate) : ''}
        error={props.error}
        onInput={(text) => fill({ untilDate: text })}
      />
    );
  if (end === 'times')
    return (
      <Field
        label={w.times}
        name="times"
        inputMode="numeric"
        maxLength={3}
        value={times}
        clean={(text) => text.replace(/\D/g, '')}
        error={props.error}
        onInput={(text) => fill({ times: text })}
      />
    );
  return null;
}
