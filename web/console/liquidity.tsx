/** The room "Likuiditas": per rail what should lie on the settlement account and what does, and treasury's entries. */
import { useState } from 'preact/hooks';
import { formatRupiah } from '../../src/kernel/money.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { EntryDialog } from './entry-dialog.tsx';
import type { EntryView, LiquidityView, LookView, RailLiquidity } from './liquidity-shape.ts';
import { LIQUIDITY_WORDS } from './liquidity-words.ts';
import { showSpan, sparkPoints } from './measure.ts';
import { refusalText, SignDialog } from './sign-dialog.tsx';
import { Stale } from './stale.tsx';
import { api, session, useFeed } from './state.ts';
import { CONSOLE_WORDS } from './words.ts';

/** A position comes every quarter of a minute; past this it is old. */
const AGE_MS_MAX = 120_000;
const RUNWAY_WARM = 60;
const RUNWAY_HOT = 30;
const DAY_MINUTES = 1_440;
const PICTURE = { width: 320, height: 56 };

/** The room. */
export function LiquidityRoom() {
  const w = words(LIQUIDITY_WORDS);
  const { value, isStale, problem, reload } = useFeed<LiquidityView>('/liquidity');
  return (
    <>
      <p class="soft">{w.lead}</p>
      <Stale isStale={isStale} />
      {problem && <p class="refusal">{problem.detail ?? problem.title}</p>}
      {!value ? (
        <Skeleton lines={8} />
      ) : (
        <>
          <ul class="cards">
            {value.rails.map((one) => (
              <RailCard key={one.rail} one={one} nowMs={value.nowMs} />
            ))}
          </ul>
          <Entries value={value} onChange={reload} />
        </>
      )}
    </>
  );
}

type Standing = 'normal' | 'watched' | 'stopped' | 'unknown';

function standingOf(look: LookView | null, nowMs: number): Standing {
  if (!look || look.expectedMinSen === null || nowMs - look.madeAtMs > AGE_MS_MAX) return 'unknown';
  if (look.gapSen !== '0') return 'stopped';
  return look.runwayMinutes !== null && look.runwayMinutes < RUNWAY_WARM ? 'watched' : 'normal';
}

function RailCard({ one, nowMs }: { readonly one: RailLiquidity; readonly nowMs: number }) {
  const w = words(LIQUIDITY_WORDS);
  const { look } = one;
  const standing = standingOf(look, nowMs);
  return (
    <li class={`card ${standing === 'stopped' ? 'card-stopped' : ''}`}>
      <header>
        <strong>{w.rails[one.rail] ?? one.rail}</strong>
        <StateMark state={standing} word={w.states[standing]} />
      </header>
      {look ? (
        <Look look={look} points={one.points} nowMs={nowMs} />
      ) : (
        <p class="soft">{one.isTold ? w.waiting : w.notTold}</p>
      )}
      <dl class="facts">
        <Fact name={w.net}>
          <Money amount={BigInt(one.ledger.netSen)} />
        </Fact>
        <Fact name={w.held}>
          <Money amount={BigInt(one.ledger.heldSen)} />
        </Fact>
      </dl>
    </li>
  );
}

function Fact(props: {
  readonly name: string;
  readonly isHot?: boolean;
  readonly children: preact.ComponentChildren;
}) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd class={props.isHot ? 'is-hot' : ''}>{props.children}</dd>
    </div>
  );
}

function Look(props: {
  readonly look: LookView;
  readonly points: RailLiquidity['points'];
  readonly nowMs: number;
}) {
  const w = words(LIQUIDITY_WORDS);
  const c = words(CONSOLE_WORDS);
  const { look } = props;
  const ageMs = Math.max(0, props.nowMs - look.madeAtMs);
  const { runwayMinutes: runway } = look;
  return (
    <>
      <Picture points={props.points} />
      <dl class="facts">
        <Fact name={w.actual}>
          <Money amount={BigInt(look.bookedSen)} />
        </Fact>
        <Fact name={w.free}>
          <Money amount={BigInt(look.freeSen)} />
        </Fact>
        <Fact name={w.expected}>
          <Expected look={look} />
        </Fact>
        <Fact name={w.gap} isHot={look.expectedMinSen !== null && look.gapSen !== '0'}>
          {look.expectedMinSen === null ? w.gapUnknown : gapText(look.gapSen, w)}
        </Fact>
        <Fact name={w.burn}>
          {look.burnSenPerMinute === '0' ? (
            w.noBurn
          ) : (
            <Money amount={BigInt(look.burnSenPerMinute)} />
          )}
        </Fact>
        <Fact name={w.runway} isHot={runway !== null && runway < RUNWAY_HOT}>
          {runway === null || runway > DAY_MINUTES ? w.runwayLong : w.minutes(runway)}
        </Fact>
        <Fact name={w.age} isHot={ageMs > AGE_MS_MAX}>
          {c.ago(showSpan(ageMs, c))} · <Time atMs={look.madeAtMs} />
        </Fact>
      </dl>
    </>
  );
}

function Expected({ look }: { readonly look: LookView }) {
  const w = words(LIQUIDITY_WORDS);
  const { expectedMinSen: min, expectedMaxSen: max } = look;
  if (min === null || max === null) return <span class="soft">{w.learning}</span>;
  if (min === max) return <Money amount={BigInt(min)} />;
  return (
    <>
      <Money amount={BigInt(min)} /> – <Money amount={BigInt(max)} />
      <small>{w.expectedHint}</small>
    </>
  );
}

function gapText(gapSen: string, w: (typeof LIQUIDITY_WORDS)['id']): string {
  const gap = BigInt(gapSen);
  if (gap === 0n) return w.noGap;
  return gap < 0n ? `${formatRupiah(-gap)} ${w.missing}` : `${formatRupiah(gap)} ${w.surplus}`;
}

/** The balance over time; its own range is the height, so that a slow fall is seen too. */
function Picture({ points }: { readonly points: RailLiquidity['points'] }) {
  const w = words(LIQUIDITY_WORDS);
  if (points.length < 2) return null;
  const rupiah = points.map(([, sen]) => Number(BigInt(sen) / 100n));
  const least = Math.min(...rupiah);
  const heights = rupiah.map((one) => one - least);
  return (
    <svg
      class="runway"
      viewBox={`0 -2 ${PICTURE.width} ${PICTURE.height + 4}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${w.picture}: ${formatRupiah(BigInt(points.at(-1)![1]))}`}
    >
      <polyline
        points={sparkPoints(heights, PICTURE)}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        vector-effect="non-scaling-stroke"
      />
    </svg>
  );
}

function Entries(props: { readonly value: LiquidityView; readonly onChange: () => void }) {
  const w = words(LIQUIDITY_WORDS);
  const { entries, rails } = props.value;
  const [isAdding, setAdding] = useState(false);
  const mayAct = session.value?.mayRelease === true;
  return (
    <section class="panel" aria-labelledby="treasury">
      <h2 id="treasury">{w.entries}</h2>
      {mayAct && (
        <Button kind="quiet" onPress={() => setAdding(true)}>
          {w.add}
        </Button>
      )}
      {entries.length === 0 ? (
        <EmptyState icon="check" title={w.noEntries}>
          {w.noEntriesText}
        </EmptyState>
      ) : (
        <ul class="cards">
          {entries.map((one) => (
            <EntryCard key={one.id} one={one} mayAct={mayAct} onChange={props.onChange} />
          ))}
        </ul>
      )}
      {isAdding && (
        <EntryDialog
          rails={rails.map(({ rail }) => rail)}
          onClose={() => setAdding(false)}
          onDone={props.onChange}
        />
      )}
    </section>
  );
}

function EntryCard(props: {
  readonly one: EntryView;
  readonly mayAct: boolean;
  readonly onChange: () => void;
}) {
  const w = words(LIQUIDITY_WORDS);
  const { one, onChange } = props;
  const [isSigning, setSigning] = useState(false);
  const act = w.approve(formatRupiah(BigInt(one.amountSen)));
  const withdraw = async (): Promise<void> => {
    const answer = await api(`/treasury/${one.id}/withdraw`, { body: {} });
    if (!answer.ok) showToast(refusalText(answer));
    onChange();
  };
  const facts = <EntryFacts one={one} />;
  return (
    <li class="card">
      <header>
        <strong>
          {w.rails[one.rail] ?? one.rail} · {w.directions[one.direction]}
        </strong>
        <Money amount={BigInt(one.amountSen)} />
      </header>
      {facts}
      {one.state === 'proposed' && one.isYours && (
        <p class="own">
          {w.own}{' '}
          <Button kind="plain" onPress={() => void withdraw()}>
            {w.withdraw}
          </Button>
        </p>
      )}
      {one.state === 'proposed' && !one.isYours && props.mayAct && (
        <Button onPress={() => setSigning(true)}>{act}</Button>
      )}
      {isSigning && (
        <SignDialog
          title={act}
          path={`/treasury/${one.id}/approve`}
          body={{}}
          onClose={() => setSigning(false)}
          onDone={() => {
            showToast(w.done);
            onChange();
          }}
        >
          {facts}
        </SignDialog>
      )}
    </li>
  );
}

function EntryFacts({ one }: { readonly one: EntryView }) {
  const w = words(LIQUIDITY_WORDS);
  return (
    <dl class="facts">
      <Fact name={w.reference}>
        <span class="mono">{one.reference}</span> · {w.statesOfEntry[one.state]}
      </Fact>
      <Fact name={w.proposedBy}>
        {one.proposedName} · <Time atMs={one.proposedAtMs} />
      </Fact>
      {one.approvedName !== null && one.approvedAtMs !== null && (
        <Fact name={w.approvedBy}>
          {one.approvedName} · <Time atMs={one.approvedAtMs} />
        </Fact>
      )}
    </dl>
  );
}
