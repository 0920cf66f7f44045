/** The room "Pencocokan": the three sides of a business date, and open breaks with what people do about them. URL = date. */
import { useState } from 'preact/hooks';
import { wibDate } from '../../src/kernel/time.ts';
import { formatRupiah } from '../../src/kernel/money.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go, route } from '../ui/router.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { Time } from '../ui/time.tsx';
import { BreakCard } from './break-card.tsx';
import { MATCH_WORDS } from './match-words.ts';
import { showCount, showSpan } from './measure.ts';
import type { MatchView } from './match-shape.ts';
import { Stale } from './stale.tsx';
import { useFeed } from './state.ts';
import { CONSOLE_WORDS } from './words.ts';

/** A match is at most 60 s behind; past this the figures are said to be incomplete. */
const MATCH_AGE_MS_MAX = 60_000;

/** The room. */
export function MatchRoom() {
  const w = words(MATCH_WORDS);
  const asked = route.value[1];
  const date = asked && /^\d{4}-\d{2}-\d{2}$/.test(asked) ? asked : wibDate(Date.now());
  const { value, isStale, problem, reload } = useFeed<MatchView>(`/match?date=${date}`);
  return (
    <>
      <p class="soft">{w.lead}</p>
      <div class="match-tools">
        <DateField date={date} />
        <a class="button button-quiet" href={`/console/api/match.csv?date=${date}`} download>
          <span>{w.csv}</span>
        </a>
        <Button kind="quiet" onPress={() => print()}>
          {w.print}
        </Button>
      </div>
      <Stale isStale={isStale} />
      {problem && <p class="refusal">{problem.detail ?? problem.title}</p>}
      {!value ? <Skeleton lines={8} /> : <Day value={value} onChange={reload} />}
    </>
  );
}

function DateField({ date }: { readonly date: string }) {
  const w = words(MATCH_WORDS);
  const [typed, setTyped] = useState(date);
  return (
    <Field
      label={w.date}
      name="date"
      type="date"
      value={typed}
      max={wibDate(Date.now())}
      onInput={(next) => {
        setTyped(next);
        if (/^20\d{2}-\d{2}-\d{2}$/.test(next)) go(`/match/${next}`, { replace: true });
      }}
    />
  );
}

function Day({ value, onChange }: { readonly value: MatchView; readonly onChange: () => void }) {
  const w = words(MATCH_WORDS);
  const c = words(CONSOLE_WORDS);
  const isOld = value.matchAgeMs === null || value.matchAgeMs > MATCH_AGE_MS_MAX;
  return (
    <>
      {isOld && <Notice state="unknown" title={w.lastMatchOld} isUrgent />}
      <p class="soft">
        {w.lastMatch}: {value.matchAgeMs === null ? c.never : c.ago(showSpan(value.matchAgeMs, c))}{' '}
        · {w.asOf} <Time atMs={value.atMs} />
      </p>
      <section class="table-box" tabIndex={0} role="region" aria-label={w.table}>
        <Sides value={value} />
      </section>
      <section class="panel" aria-labelledby="open-breaks">
        <h2 id="open-breaks">
          {w.openBreaks} ({showCount(value.breaks.length)})
        </h2>
        {value.breaks.length === 0 ? (
          <EmptyState icon="check" title={w.noBreaks}>
            {w.noBreaksText}
          </EmptyState>
        ) : (
          <ul class="cards">
            {value.breaks.map((one) => (
              <BreakCard
                key={one.id}
                one={one}
                nowMs={value.nowMs}
                accounts={value.accounts}
                onChange={onChange}
              />
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

/** How old the match of a rail is; one that was never heard says so. */
function RailAge({ ageMs }: { readonly ageMs: number | undefined }) {
  const c = words(CONSOLE_WORDS);
  const isOld = ageMs === undefined || ageMs > MATCH_AGE_MS_MAX;
  return (
    <small class={isOld ? 'is-warm' : ''}>
      {c.matchAge}: {ageMs === undefined ? c.never : c.ago(showSpan(ageMs, c))}
    </small>
  );
}

function Sides({ value }: { readonly value: MatchView }) {
  const w = words(MATCH_WORDS);
  const { columns } = w;
  return (
    <table class="board match">
      <thead>
        <tr>
          <th scope="col">{columns.rail}</th>
          <th scope="col">{columns.result}</th>
          {(['ledger', 'gateway', 'settlement', 'difference'] as const).map((name) => (
            <th key={name} scope="col" class="number">
              {columns[name]}
            </th>
          ))}
          <th scope="col" class="number">
            {columns.waiting}
          </th>
          <th scope="col" class="number">
            {columns.withoutLine}
          </th>
        </tr>
      </thead>
      <tbody>
        {value.figures.map((one) => {
          const rail = value.rails.find((other) => other.rail === one.rail);
          const isDue =
            one.differenceCount !== one.waiting.count ||
            one.differenceSen !== (one.waiting.valueSen ?? '0');
          const isZero = one.differenceCount === 0 && one.differenceSen === '0';
          return (
            <tr key={`${one.rail} ${one.direction}`}>
              <th scope="row">
                {w.rails[one.rail] ?? one.rail} {w.directions[one.direction]}
                <RailAge ageMs={value.railMatchAges[one.rail]} />
              </th>
              <td>
                <StateMark
                  state={rail?.isProven ? 'normal' : isZero || !isDue ? 'unknown' : 'stopped'}
                  word={rail?.isProven ? w.proven : w.notProven}
                />
                {rail && rail.statementAtMs === undefined && <small>{w.noStatement}</small>}
              </td>
              {(['ledger', 'gateway', 'settlement'] as const).map((name) => (
                <td key={name} class="number" data-label={columns[name]}>
                  {showCount(one[name].count)}
                  {one[name].valueSen !== undefined && (
                    <small>{formatRupiah(BigInt(one[name].valueSen))}</small>
                  )}
                </td>
              ))}
              <td
                class={isZero || !isDue ? 'number' : 'number is-hot'}
                data-label={columns.difference}
              >
                {showCount(one.differenceCount)}
                <small>{formatRupiah(BigInt(one.differenceSen))}</small>
              </td>
              <td class="number" data-label={columns.waiting}>
                {showCount(one.waiting.count)}
              </td>
              <td class="number" data-label={columns.withoutLine}>
                {showCount(one.withoutLine.count)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
