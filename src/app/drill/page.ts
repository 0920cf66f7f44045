/** The scorecard as a page that needs nothing else: what happened on the day, what one switch for the whole bank would have cost, what Pulih
 * did, on one line of time. No script. Pure. */
import type { Scenario } from '../../../sim/drills/scenario.ts';
import { missedGoals } from './goal.ts';
import type { Scorecard } from './scorecard.ts';

/** Rows of equal scopes are one row; more than these are counted. */
const ROWS_MAX = 12;
const SHARE = 100;

interface PageInput {
  readonly card: Scorecard;
  readonly scenario: Scenario;
  /** Style tokens of all faces. */
  readonly css: string;
}

/** The whole page as text. Everything that comes from a file or the database is escaped. */
export function renderPage({ card, scenario, css }: PageInput): string {
  const missed = missedGoals(card, scenario.goal);
  const verdict = missed.length === 0 ? '● Passed' : `■ Missed: ${missed.join(' · ')}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${safe(scenario.title)}</title><style>${css}${STYLE}</style></head><body><main>
<header><p class="kind">Drill ${safe(card.drill)} · seed ${safe(card.seed)} · ${card.mode}</p>
<h1>${safe(scenario.title)}</h1>
<p class="verdict ${missed.length === 0 ? 'normal' : 'stopped'}">${safe(verdict)}</p></header>
${compared(card, scenario)}
${isOutage(scenario) ? services(card, scenario) : timeline(card, scenario)}
${restricted(card)}
${proof(card)}
</main></body></html>
`;
}

/** A day on which nobody does harm. */
function isOutage({ path, acts }: Scenario): boolean {
  return path === 'none' && acts.length === 0;
}

/** The three columns that the page is for. */
function compared(card: Scorecard, scenario: Scenario): string {
  const { history } = scenario;
  const refused = card.healthyOffered - card.healthyAccepted;
  const columns: readonly (readonly [string, string, string])[] = [
    [
      'On the day',
      history?.lostSen === undefined ? 'not public' : money(String(history.lostSen / 100n)),
      history?.words ?? 'The scenario tells no history.',
    ],
    [
      'One switch for the whole bank',
      `${whole(card.killSwitchRefused)} refused`,
      `of ${whole(card.healthyOffered)} healthy payments, had all been closed ${isOutage(scenario) ? 'when the page first told of it' : 'at the moment of containment'} until the end of the drill.`,
    ],
    [
      'Pulih',
      `${whole(refused)} refused`,
      `of ${whole(card.healthyOffered)} healthy payments. ${isOutage(scenario) ? 'Nobody attacked.' : lossOf(card)}`,
    ],
  ];
  return `<section class="compared">${columns
    .map(
      ([head, figure, words]) =>
        `<article><h2>${head}</h2><p class="figure">${safe(figure)}</p><p>${safe(words)}</p></article>`,
    )
    .join('')}</section>`;
}

function lossOf({ lost, stolen, lostAtRisk }: Scorecard): string {
  const paid = String(BigInt(lost) + BigInt(stolen.value));
  return `The attacker got ${money(paid)} of ${money(lostAtRisk)} at risk.`;
}

interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: 'stopped' | 'limited' | 'recovering' | 'normal' | 'unknown';
}

/** One line of time from the first bad event. Shapes stretch with the page, words beside them do not. */
function timeline(card: Scorecard, scenario: Scenario): string {
  const endMs = endOf(card, scenario);
  const containMs = card.containMs ?? endMs;
  const rows: readonly (readonly [string, string, readonly Bar[]])[] = [
    [
      'On the day',
      scenario.history ? `stopped after ${span(scenario.history.stoppedAfterMs)}` : 'not told',
      scenario.history
        ? [{ fromMs: 0, toMs: scenario.history.stoppedAfterMs, state: 'stopped' }]
        : [],
    ],
    [
      'One switch',
      `everything closed after ${span(containMs)}`,
      [
        { fromMs: 0, toMs: containMs, state: 'stopped' },
        { fromMs: containMs, toMs: endMs, state: 'unknown' },
      ],
    ],
    [
      'Pulih',
      card.containMs === null ? 'not contained' : `contained after ${span(containMs)}`,
      [
        { fromMs: 0, toMs: containMs, state: 'stopped' },
        ...card.restrictions.slice(0, 1).map(({ atMs }): Bar => ({
          fromMs: Math.max(atMs, containMs),
          toMs: card.recovery[0]?.atMs ?? card.recoveredMs ?? endMs,
          state: 'limited',
        })),
        ...stagesOf(card),
        ...(card.recoveredMs === null
          ? []
          : [
              {
                fromMs: Math.max(card.recoveredMs, containMs),
                toMs: endMs,
                state: 'normal',
              } as const,
            ]),
      ],
    ],
  ];
  return `<section class="times"><h2>Time from the first bad event</h2>
${rows.map(([name, words, bars]) => `<div class="row"><p><b>${name}</b> ${safe(words)}</p>${picture({ bars, endMs, name: `${name}: ${words}` })}</div>`).join('\n')}
<p class="axis"><span>0</span><span>${span(endMs / 2)}</span><span>${span(endMs)}</span></p>
<ul class="legend"><li class="stopped">■ money leaves</li><li class="limited">◑ restricted, the rest open</li><li class="recovering">◕ comes back in stages</li><li class="normal">● all open</li><li class="unknown">▧ whole bank closed</li></ul></section>`;
}

/** How the page draws what it said of a service. */
const DRAWN: Readonly<Record<string, Bar['state']>> = {
  watched: 'limited',
  limited: 'limited',
  stopped: 'stopped',
  recovering: 'recovering',
  unknown: 'unknown',
};

/** A day on which nobody attacks: what the public page said of each service that was not as usual. */
function services(card: Scorecard, scenario: Scenario): string {
  const endMs = endOf(card, scenario);
  const told = card.services.filter(({ atMs }) => atMs >= 0);
  const rows = [...Map.groupBy(told, ({ service }) => service)].map(([service, changes]) => {
    const bars = changes.flatMap(({ state, atMs }, at): Bar[] => {
      const drawn = DRAWN[state];
      return drawn ? [{ fromMs: atMs, toMs: changes[at + 1]?.atMs ?? endMs, state: drawn }] : [];
    });
    const named = [...new Set(changes.flatMap(({ instead }) => instead))].join(', ');
    const words = `not as usual after ${span(changes[0]!.atMs)}${named && `; named instead: ${named}`}`; // a group has one
    return `<div class="row"><p><b>${safe(service)}</b> ${safe(words)}</p>${picture({ bars, endMs, name: `${service}: ${words}` })}</div>`;
  });
  return `<section class="times"><h2>What the public page said, from the first bad event</h2>
${rows.length === 0 ? '<p>Every service as usual.</p>' : rows.join('\n')}
<p class="axis"><span>0</span><span>${span(endMs / 2)}</span><span>${span(endMs)}</span></p>
<ul class="legend"><li class="limited">◑ partly disrupted</li><li class="stopped">■ closed</li><li class="recovering">◕ comes back in stages</li><li class="unknown">▧ not known</li></ul></section>`;
}

function stagesOf({ recovery, recoveredMs }: Scorecard): readonly Bar[] {
  const [first, last] = [recovery[0], recovery.at(-1)];
  return first && last
    ? [{ fromMs: first.atMs, toMs: recoveredMs ?? last.atMs, state: 'recovering' }]
    : [];
}

function endOf(card: Scorecard, { history, attackMs, afterMs }: Scenario): number {
  const told = [card.recoveredMs ?? 0, ...card.restrictions.map(({ atMs }) => atMs)];
  return Math.max(1, attackMs + afterMs, history?.stoppedAfterMs ?? 0, ...told);
}

function picture(of: {
  readonly bars: readonly Bar[];
  readonly endMs: number;
  readonly name: string;
}): string {
  const at = (ms: number): number => Math.min(SHARE, Math.max(0, (ms / of.endMs) * SHARE));
  const shapes = of.bars
    .filter(({ fromMs, toMs }) => toMs >= fromMs)
    // Losses on top: a second of them is not hidden by what came after.
    .toSorted((a, b) => Number(a.state === 'stopped') - Number(b.state === 'stopped'))
    .map(({ fromMs, toMs, state }) => {
      // What took a second is still seen.
      const width = Math.max(0.4, at(toMs) - at(fromMs));
      return `<rect class="${state}" x="${at(fromMs).toFixed(2)}" y="0" width="${width.toFixed(2)}" height="10"/>`;
    });
  return `<svg viewBox="0 0 ${SHARE} 10" preserveAspectRatio="none" role="img" aria-label="${safe(of.name)}">${shapes.join('')}</svg>`;
}

/** Equal scopes together: a theft to forty accounts is forty restrictions of one kind. */
function restricted({ restrictions }: Scorecard): string {
  const groups = Map.groupBy(restrictions, ({ scope, level }) => `L${level} ${scope}`);
  const rows = [...groups].map(([words, all]) => {
    const times = all.map(({ atMs }) => atMs);
    const [first, last] = [Math.min(...times), Math.max(...times)];
    const when =
      all.length === 1 ? `after ${span(first)}` : `after ${span(first)} to ${span(last)}`;
    return `<tr><td>${safe(words)}</td><td>${whole(all.length)}</td><td>${when}</td></tr>`;
  });
  const more = rows.length > ROWS_MAX ? `<p>and ${rows.length - ROWS_MAX} more</p>` : '';
  return `<section><h2>What was restricted</h2>${
    rows.length === 0
      ? '<p>Nothing: the senders were shut out, and no service with them.</p>'
      : `<table><thead><tr><th>Scope</th><th>Times</th><th>When</th></tr></thead><tbody>${rows.slice(0, ROWS_MAX).join('')}</tbody></table>${more}`
  }</section>`;
}

function proof(card: Scorecard): string {
  const facts: readonly (readonly [string, string])[] = [
    ['Detected after', card.detectMs === null ? 'never' : span(card.detectMs)],
    ['First notice after', card.firstNoticeMs === null ? 'none' : span(card.firstNoticeMs)],
    ['Tries, refused', `${whole(card.injected.count)}, ${whole(card.refused.count)}`],
    ['Ledger', card.ledgerBalanced ? 'balanced' : 'NOT BALANCED'],
    ['Double effects', whole(card.doubleEffects)],
    ['Promises broken', whole(card.pastDeadline)],
    ['Recovered after', card.recoveredMs === null ? 'not in this drill' : span(card.recoveredMs)],
  ];
  return `<section><h2>What the books say</h2><dl>${facts
    .map(([name, value]) => `<div><dt>${name}</dt><dd>${safe(value)}</dd></div>`)
    .join('')}</dl></section>`;
}

/** `1.2 s`, `8 min 31 s`, `10 h 24 min`. */
function span(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  const rest = Math.floor(seconds % 60);
  if (minutes < 60) return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function whole(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, '.');
}

function money(rupiah: string): string {
  return `Rp${rupiah.replace(/\B(?=(\d{3})+(?!\d))/g, '.')}`;
}

function safe(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const STYLE = `
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:var(--text-16)/1.5 var(--font);font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;padding:var(--space-24) var(--space-16) var(--space-48)}
h1{font-size:var(--text-24);line-height:1.25;margin:0 0 var(--space-8)}h2{font-size:var(--text-16);margin:0 0 var(--space-8)}p{margin:0}
section{margin-top:var(--space-32)}.kind{color:var(--ink-quiet);font-size:var(--text-14)}
.verdict{font-weight:600}.verdict.normal{color:var(--normal)}.verdict.stopped{color:var(--stopped)}
.compared{display:grid;gap:var(--space-16);grid-template-columns:repeat(auto-fit,minmax(260px,1fr))}
article{background:var(--surface);border:1px solid var(--line);border-radius:var(--radius);padding:var(--space-16);color:var(--ink-soft);font-size:var(--text-14)}
article h2{color:var(--ink);font-size:var(--text-14)}.figure{color:var(--ink);font-size:var(--text-24);font-weight:700;line-height:1.3}
article:last-child{border-color:var(--brand);border-width:2px}
.row{margin-top:var(--space-12)}.row p{font-size:var(--text-14);color:var(--ink-soft)}.row b{color:var(--ink)}
svg{display:block;width:100%;height:24px;margin-top:var(--space-4);background:var(--sunken);border-radius:4px}
rect.stopped{fill:var(--stopped)}rect.limited{fill:var(--limited)}rect.recovering{fill:var(--recovering)}rect.normal{fill:var(--normal)}rect.unknown{fill:var(--unknown)}
.axis{display:flex;justify-content:space-between;font-size:var(--text-12);color:var(--ink-quiet);margin-top:var(--space-4)}
.legend{display:flex;flex-wrap:wrap;gap:var(--space-4) var(--space-16);list-style:none;padding:0;margin:var(--space-12) 0 0;font-size:var(--text-12)}
li.stopped{color:var(--stopped)}li.limited{color:var(--limited)}li.recovering{color:var(--recovering)}li.normal{color:var(--normal)}li.unknown{color:var(--unknown)}
table{width:100%;border-collapse:collapse;font-size:var(--text-14)}th,td{text-align:left;padding:var(--space-8) var(--space-8) var(--space-8) 0;border-bottom:1px solid var(--line);}td:first-child{overflow-wrap:anywhere}th{color:var(--ink-quiet);font-weight:600}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:var(--space-12) var(--space-16);margin:0}dt{font-size:var(--text-12);color:var(--ink-quiet)}dd{margin:0;font-weight:600}
`;
