/** What BI-FAST says of itself: our money there and who is open, each with its age. */
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { Time } from '../ui/time.tsx';
import { showCount, showSpan } from './measure.ts';
import type { Board } from './shape.ts';
import { CONSOLE_WORDS } from './words.ts';

const LOOK = { normal: 'normal', low: 'limited', short: 'stopped', unknown: 'unknown' } as const;

/** The line of the network on the board. */
export function Network({ board }: { readonly board: Board }) {
  const w = words(CONSOLE_WORDS);
  const { participants, liquidity } = board.network;
  const { closed, unknown, missing } = participants;
  return (
    <section class="panel" aria-labelledby="network-title">
      <h2 id="network-title">{w.networkTitle}</h2>
      <dl class="figures">
        <div>
          <dt>{w.liquidity}</dt>
          <dd>
            <StateMark state={LOOK[liquidity.state]} word={w.liquidityWords[liquidity.state]} />{' '}
            {liquidity.freeSen !== null && <Money amount={BigInt(liquidity.freeSen)} />}{' '}
            <small>
              {liquidity.bookedSen !== null && (
                <>
                  {w.booked} <Money amount={BigInt(liquidity.bookedSen)} /> ·{' '}
                </>
              )}
              <Age sinceMs={liquidity.heardAtMs} atMs={board.atMs} />
            </small>
          </dd>
        </div>
        <div>
          <dt>{w.participants}</dt>
          <dd>
            {w.openBanks(showCount(participants.openCount), showCount(closed.length))}{' '}
            <small>
              <Age sinceMs={participants.heardAtMs} atMs={board.atMs} />
            </small>
          </dd>
        </div>
      </dl>
      {closed.length > 0 && (
        <ul class="lines">
          {closed.map(({ bic, name, sinceMs }) => (
            <li key={bic}>
              <StateMark state="stopped" word={w.closedBank} />
              <strong>{name}</strong>
              <span class="mono soft">{bic}</span>
              <Time atMs={sinceMs} />
            </li>
          ))}
        </ul>
      )}
      {unknown.length > 0 && <p class="small">{w.unknownBanks(unknown.join(', '))}</p>}
      {missing.length > 0 && <p class="small">{w.missingBanks(missing.join(', '))}</p>}
      <p class="small soft">{w.closeByHand}</p>
    </section>
  );
}

function Age({ sinceMs, atMs }: { readonly sinceMs: number | null; readonly atMs: number }) {
  const w = words(CONSOLE_WORDS);
  return <>{sinceMs === null ? w.never : w.ago(showSpan(Math.max(0, atMs - sinceMs), w))}</>;
}
