/** Incidents, breaks and payments that wait for a person; and the results of drills. */
import { EmptyState } from '../ui/empty-state.tsx';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { Closing } from './closing.tsx';
import { ExternalAlarms } from './external.tsx';
import { INCIDENT_WORDS } from './incident-words.ts';
import { MATCH_WORDS } from './match-words.ts';
import { showCount, showSpan } from './measure.ts';
import type { Incidents } from './shape.ts';
import { Stale } from './stale.tsx';
import { useFeed } from './state.ts';
import { CONSOLE_WORDS } from './words.ts';

/** The incident room. */
export function IncidentRoom() {
  const w = words(CONSOLE_WORDS);
  const { value, isStale, reload } = useFeed<Incidents>('/incidents');
  if (!value)
    return (
      <>
        <Stale isStale={isStale} />
        <Skeleton lines={6} />
      </>
    );
  return (
    <>
      <Stale isStale={isStale} />
      <ExternalAlarms />
      {value.incidents.length === 0 ? (
        <EmptyState icon="bell" title={w.noIncidents}>
          {w.noIncidentsText}
        </EmptyState>
      ) : (
        <ul class="cards">
          {value.incidents.map((one) => (
            <IncidentCard key={one.id} one={one} onChange={reload} />
          ))}
        </ul>
      )}
      <section class="panel">
        <h2>{w.openBreaks}</h2>
        {value.breaks.length === 0 ? (
          <EmptyState icon="check" title={w.noBreaks}>
            {w.noBreaksText}
          </EmptyState>
        ) : (
          <div class="table-box" tabIndex={0} role="region" aria-label={w.openBreaks}>
            <table class="board">
              <thead>
                <tr>
                  <th scope="col">{w.kind}</th>
                  <th scope="col">{w.reference}</th>
                  <th scope="col" class="number">
                    {w.amount}
                  </th>
                  <th scope="col">{w.opened}</th>
                  <th scope="col">{w.columns.state}</th>
                </tr>
              </thead>
              <tbody>
                {value.breaks.map((one) => (
                  <tr key={one.id}>
                    <th scope="row">{words(MATCH_WORDS).kinds[one.kind] ?? one.kind}</th>
                    <td class="mono clip" data-label={w.reference}>
                      {one.bizMsgIdr}
                    </td>
                    <td class="number" data-label={w.amount}>
                      <Money amount={BigInt(one.amountSen)} />
                    </td>
                    <td data-label={w.opened}>
                      <Time atMs={one.openedAtMs} />
                    </td>
                    <td data-label={w.columns.state}>
                      {one.closedAtMs === null ? w.openState : w.explainedState}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      <section class="panel">
        <h2>{w.reviews}</h2>
        {value.reviews.length === 0 ? (
          <EmptyState icon="check" title={w.noReviews}>
            {w.noReviewsText}
          </EmptyState>
        ) : (
          <ul class="lines">
            {value.reviews.map((one) => (
              <li key={one.id}>
                <Time atMs={one.madeAtMs} />
                <span class="mono">{one.id}</span>
                <Money amount={BigInt(one.amountSen)} />
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}

function IncidentCard({
  one,
  onChange,
}: {
  readonly one: Incidents['incidents'][number];
  readonly onChange: () => void;
}) {
  const w = words(CONSOLE_WORDS);
  const i = words(INCIDENT_WORDS);
  return (
    <li class="card">
      <header>
        <strong>
          {words(MATCH_WORDS).rails[one.rail] ?? one.rail} · {i.kinds[one.kind] ?? one.kind}
        </strong>
        <Time atMs={one.openedAtMs} />
      </header>
      {one.containedAtMs !== null && (
        <p>
          {w.contained} {showSpan(one.containedAtMs - one.openedAtMs, w)}
        </p>
      )}
      <dl class="facts">
        {Object.entries(i.facts)
          .map(([key, name]) => [key, name, one.facts[key]] as const)
          .filter(([, , value]) => value !== undefined && value !== null)
          .map(([key, name, value]) => (
            <div key={key}>
              <dt>{name}</dt>
              <dd>
                {key.endsWith('Sen') ? (
                  <Money amount={BigInt(String(value))} />
                ) : key.endsWith('Ms') && Number(value) > 1e12 ? (
                  <Time atMs={Number(value)} />
                ) : (
                  (i.values[String(value)] ?? String(value))
                )}
              </dd>
            </div>
          ))}
      </dl>
      <Closing one={one} onChange={onChange} />
    </li>
  );
}

/** The drill room. */
export function DrillRoom() {
  const w = words(CONSOLE_WORDS);
  const { value, isStale } = useFeed<Incidents>('/incidents');
  if (!value)
    return (
      <>
        <Stale isStale={isStale} />
        <Skeleton lines={4} />
      </>
    );
  if (value.drills.length === 0)
    return (
      <EmptyState icon="check" title={w.noDrills}>
        {w.noDrillsText}
      </EmptyState>
    );
  return (
    <ul class="cards">
      {value.drills.map(({ id, name, seed, ranAtMs, scorecard }) => (
        <li key={id} class="card">
          <header>
            <strong>{name}</strong>
            <Time atMs={ranAtMs} />
          </header>
          <dl class="facts">
            <div>
              <dt>{w.lost}</dt>
              <dd class={scorecard.lost === '0' ? '' : 'is-hot'}>
                Rp{showCount(Number(scorecard.lost ?? 0))}
              </dd>
            </div>
            <div>
              <dt>{w.atRisk}</dt>
              <dd>Rp{showCount(Number(scorecard.lostAtRisk ?? 0))}</dd>
            </div>
            <div>
              <dt>{w.containedIn}</dt>
              <dd>
                {typeof scorecard.containMs === 'number' ? showSpan(scorecard.containMs, w) : '–'}
              </dd>
            </div>
            <div>
              <dt>{w.balanced}</dt>
              <dd>{scorecard.ledgerBalanced ? w.yes : w.no}</dd>
            </div>
            <div>
              <dt>seed</dt>
              <dd class="mono">{seed}</dd>
            </div>
          </dl>
        </li>
      ))}
    </ul>
  );
}
