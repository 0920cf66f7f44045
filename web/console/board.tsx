/** The rail board: one row per rail and direction, then match, position, processes and alarms. */
import { EmptyState } from '../ui/empty-state.tsx';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { Time } from '../ui/time.tsx';
import { showCount, showShare, showSpan, sparkPoints } from './measure.ts';
import { Network } from './network.tsx';
import type { Board, BoardRow } from './shape.ts';
import { Stale } from './stale.tsx';
import { useFeed } from './state.ts';
import { CONSOLE_WORDS, type ConsoleWords } from './words.ts';

const SPARK = { width: 104, height: 24 };

/** The board room. */
export function BoardRoom() {
  const w = words(CONSOLE_WORDS);
  const { value: board, isStale } = useFeed<Board>('/board');
  if (!board)
    return (
      <>
        <Stale isStale={isStale} />
        <Skeleton lines={6} height={28} />
      </>
    );
  return (
    <>
      <Stale isStale={isStale} />
      <p class="soft">{w.boardLead}</p>
      <div class="table-box" tabIndex={0} role="region" aria-label={w.rooms.board}>
        <table class="board">
          <thead>
            <tr>
              <th scope="col">{w.columns.rail}</th>
              <th scope="col">{w.columns.state}</th>
              <th scope="col" class="number">
                {w.columns.volume}
              </th>
              <th scope="col" class="number">
                {w.columns.value}
              </th>
              <th scope="col" class="number">
                {w.columns.success}
              </th>
              <th scope="col" class="number">
                {w.columns.declines}
                <small>{w.columns.declinesHint}</small>
              </th>
              <th scope="col" class="number">
                {w.columns.unknown}
              </th>
              <th scope="col" class="number">
                {w.columns.latency}
              </th>
              <th scope="col">{w.columns.trend}</th>
            </tr>
          </thead>
          <tbody>
            {board.rows.map((row) => (
              <Row key={row.key} row={row} />
            ))}
          </tbody>
        </table>
      </div>
      <Figures board={board} />
      <Network board={board} />
      <Alarms board={board} />
    </>
  );
}

function Row({ row }: { readonly row: BoardRow }) {
  const w = words(CONSOLE_WORDS);
  return (
    <tr>
      <th scope="row">{w.rails[row.key]}</th>
      <td>
        <StateMark state={row.state} />
      </td>
      <td class="number" data-label={w.columns.volume}>
        {showCount(row.count)}
      </td>
      <td class="number" data-label={w.columns.value}>
        <Money amount={BigInt(row.valueSen)} />
      </td>
      <td class="number" data-label={w.columns.success}>
        {showShare(row.successBps)}
      </td>
      <td class="number" data-label={`${w.columns.declines}, ${w.columns.declinesHint}`}>
        {showCount(row.businessDeclines)} | {showCount(row.technicalDeclines)}
      </td>
      <td class={`number${row.unknown > 0 ? ' is-warm' : ''}`} data-label={w.columns.unknown}>
        {showCount(row.unknown)}
      </td>
      <td class="number" data-label={w.columns.latency}>
        {row.latencyP95Ms === undefined ? '–' : `${showCount(row.latencyP95Ms)} ms`}
      </td>
      <td data-label={w.columns.trend}>
        <svg
          class="spark"
          viewBox={`0 -2 ${SPARK.width} ${SPARK.height + 4}`}
          width={SPARK.width}
          height={SPARK.height + 4}
          role="img"
          aria-label={`${w.columns.trend}: ${row.perMinute.at(-1) ?? 0}`}
        >
          <polyline
            points={sparkPoints(row.perMinute, SPARK)}
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
            stroke-linejoin="round"
          />
        </svg>
      </td>
    </tr>
  );
}

function Figures({ board }: { readonly board: Board }) {
  const w = words(CONSOLE_WORDS);
  return (
    <dl class="figures">
      <div>
        <dt>{w.matchAge}</dt>
        <dd>{board.matchAgeMs === null ? w.never : w.ago(showSpan(board.matchAgeMs, w))}</dd>
      </div>
      <div>
        <dt>{w.breaks}</dt>
        <dd class={board.breaks.count > 0 ? 'is-hot' : ''}>
          {showCount(board.breaks.count)}{' '}
          <small>
            <Money amount={BigInt(board.breaks.valueSen)} />
          </small>
        </dd>
      </div>
      <div>
        <dt>{w.positionOut}</dt>
        <dd>
          <Money amount={BigInt(board.position.outSen)} />{' '}
          <small>
            {w.positionHeld} <Money amount={BigInt(board.position.outHeldSen)} />
          </small>
        </dd>
      </div>
      <div>
        <dt>{w.processes}</dt>
        <dd>
          <ul class="chips">
            {board.processes.map(({ id, isSilent, isCurrent }) => (
              <li
                key={id}
                class={`chip${isSilent ? ' chip-stopped' : isCurrent ? ' chip-normal' : ' chip-limited'}`}
              >
                {id}
                {isSilent ? ` · ${w.silent}` : isCurrent ? '' : ` · ${w.stale}`}
              </li>
            ))}
          </ul>
        </dd>
      </div>
    </dl>
  );
}

/** Its code stands where no words are known. */
function alarmName(kind: string, w: ConsoleWords): string {
  const code = kind.replace('alarm.', '');
  const refused = code.startsWith('refused_') ? w.alarmWords['refused'] : undefined;
  return w.alarmWords[code] ?? (refused ? `${refused} (${code.slice('refused_'.length)})` : code);
}

/** What an engineer looks up: subject, detector and the first pieces of evidence. */
function alarmFacts(subject: string, data: Record<string, unknown>): string {
  const evidence = Array.isArray(data['evidence']) ? data['evidence'].map(String) : [];
  const detector = typeof data['detector'] === 'string' ? data['detector'] : '';
  const shown = [detector, subject, ...evidence.slice(0, 3)];
  return [...new Set(shown)].filter(Boolean).join(' · ');
}

function Severity({ value }: { readonly value: unknown }) {
  if (typeof value !== 'string') return null;
  const look = value === 'P1' ? ' chip-stopped' : value === 'P2' ? ' chip-limited' : '';
  return <span class={`chip${look}`}>{value}</span>;
}

function Alarms({ board }: { readonly board: Board }) {
  const w = words(CONSOLE_WORDS);
  return (
    <section class="panel">
      <h2>{w.alarms}</h2>
      {board.alarms.length === 0 ? (
        <EmptyState icon="bell" title={w.noAlarms}>
          {w.noAlarmsText}
        </EmptyState>
      ) : (
        <ul class="lines">
          {board.alarms.map(({ atMs, kind, subject, data }) => (
            <li key={`${atMs}${subject}${kind}`}>
              <Time atMs={atMs} />
              <Severity value={data['severity']} />
              <strong>{alarmName(kind, w)}</strong>
              <span class="mono soft clip">{alarmFacts(subject, data)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
