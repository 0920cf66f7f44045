/** The review queue: payments whose money is held until people decide. Many are chosen at once for a false alarm; each gets its own word. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { REVIEW_WORDS } from './review-words.ts';
import type { WaitingPayment } from './shape.ts';
import { Stale } from './stale.tsx';
import { api, session, useFeed } from './state.ts';
import { CONSOLE_WORDS } from './words.ts';

const KINDS = ['onus', 'bifast_out', 'switch_out'] as const;
type Act = 'release' | 'refuse';

/** The room of the queue. */
export function ReviewRoom() {
  const w = words(REVIEW_WORDS);
  const [kind, setKind] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [act, setAct] = useState<Act | undefined>(undefined);
  const { value, isStale, reload } = useFeed<{ payments: readonly WaitingPayment[] }>(
    kind === '' ? '/withheld' : `/withheld?kind=${kind}`,
  );
  if (!value)
    return (
      <>
        <Stale isStale={isStale} />
        <Skeleton lines={6} />
      </>
    );
  // What was decided meanwhile is chosen no more.
  const ids = value.payments.map(({ id }) => id).filter((id) => chosen.has(id));
  const toggle = (id: string): void => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const isAll = ids.length > 0 && ids.length === Math.min(value.payments.length, AT_ONCE_MAX);
  return (
    <>
      <Stale isStale={isStale} />
      <p class="soft">{w.lead}</p>
      <div class="review-bar">
        <Kinds kind={kind} onChange={setKind} />
        {value.payments.length > 0 && (
          <label class="review-choose">
            <input
              type="checkbox"
              checked={isAll}
              onChange={() =>
                setChosen(
                  new Set(isAll ? [] : value.payments.slice(0, AT_ONCE_MAX).map(({ id }) => id)),
                )
              }
            />
            {w.chooseAll}
          </label>
        )}
        {ids.length > 0 && (
          <>
            <span aria-live="polite">{w.chosen(ids.length)}</span>
            {session.value?.mayRelease && (
              <Button onPress={() => setAct('release')}>{w.release}</Button>
            )}
            <Button kind="quiet" onPress={() => setAct('refuse')}>
              {w.refuse}
            </Button>
          </>
        )}
      </div>
      {value.payments.length === 0 && (
        <EmptyState icon="check" title={w.none}>
          {w.noneText}
        </EmptyState>
      )}
      <ul class="cards">
        {value.payments.map((one) => (
          <Waiting
            key={one.id}
            one={one}
            isChosen={chosen.has(one.id)}
            onToggle={() => toggle(one.id)}
          />
        ))}
      </ul>
      {act && (
        <Decide
          act={act}
          ids={ids}
          onClose={() => setAct(undefined)}
          onDone={() => {
            setChosen(new Set());
            setAct(undefined);
            reload();
          }}
        />
      )}
    </>
  );
}

/** As many as the API takes at once. */
const AT_ONCE_MAX = 50;

function Kinds(props: { readonly kind: string; readonly onChange: (kind: string) => void }) {
  const w = words(REVIEW_WORDS);
  const { rails } = words(CONSOLE_WORDS);
  return (
    <label class="choice review-choose">
      <span>{w.service}</span>
      <select value={props.kind} onChange={(event) => props.onChange(event.currentTarget.value)}>
        <option value="">{w.all}</option>
        {KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {rails[kind]}
          </option>
        ))}
      </select>
    </label>
  );
}

function Waiting(props: {
  readonly one: WaitingPayment;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
}) {
  const w = words(REVIEW_WORDS);
  const { rails } = words(CONSOLE_WORDS);
  const { one } = props;
  return (
    <li class="card">
      <header>
        <label class="review-choose">
          <input
            type="checkbox"
            checked={props.isChosen}
            aria-label={w.choose(one.id)}
            onChange={props.onToggle}
          />
          <strong>
            <Money amount={BigInt(one.amountSen)} />
          </strong>
        </label>
        <span class="soft">{rails[one.kind as keyof typeof rails] ?? one.kind}</span>
      </header>
      <dl class="facts">
        <Fact name={w.why}>
          {one.reasons.map((reason) => w.reasons[reason] ?? reason).join(' · ')}
          {one.restrictionId && <span class="mono soft"> {one.restrictionId}</span>}
        </Fact>
        <Fact name={w.from}>
          <span class="mono">{one.from}</span> · <Time atMs={one.madeAtMs} />
        </Fact>
        <Fact name={w.to}>
          <span class="mono">{one.to}</span> {one.bank}
        </Fact>
        <Fact name={w.history}>
          {w.past(one.past.count)}
          {one.past.maxSen !== null && (
            <>
              , {w.largest} <Money amount={BigInt(one.past.maxSen)} />
            </>
          )}
          , {w.payee(one.past.toPayee)}
        </Fact>
        <Fact name={w.ends}>
          <Time atMs={one.endsAtMs} />
        </Fact>
      </dl>
      {one.asked && (
        <p class="own">{one.asked.isYou ? w.askedYou : `${w.askedOther} ${one.asked.reason}`}</p>
      )}
    </li>
  );
}

function Fact(props: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

interface Said {
  readonly id: string;
  readonly said: string;
}

function Decide(props: {
  readonly act: Act;
  readonly ids: readonly string[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const w = words(REVIEW_WORDS);
  const c = words(CONSOLE_WORDS);
  const [reason, setReason] = useState('');
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const isRelease = props.act === 'release';
  const send = async (): Promise<void> => {
    setBusy(true);
    const answer = await api<{ results: readonly Said[] }>(`/withheld/${props.act}`, {
      body: { ids: props.ids, reason, ...(isRelease && { password }) },
    });
    setBusy(false);
    if (answer.ok) {
      showToast(tally(answer.value.results, w.said));
      props.onDone();
      return;
    }
    setRefusal(
      answer.kind === 'offline'
        ? c.offline
        : `${answer.problem.title}. ${answer.problem.detail ?? ''} ${answer.problem.wayOut ?? ''}`,
    );
  };
  return (
    <Dialog
      isOpen
      title={isRelease ? w.release : w.refuse}
      onClose={props.onClose}
      isBusy={isBusy}
      footer={
        <Button isWide isBusy={isBusy} onPress={() => void send()}>
          {isRelease ? w.release : w.refuse} · {w.chosen(props.ids.length)}
        </Button>
      }
    >
      <p>{isRelease ? w.releaseHint : w.refuseHint}</p>
      <Field
        label={w.reason}
        hint={w.reasonHint}
        name="reason"
        value={reason}
        onInput={setReason}
        maxLength={500}
        hasFocus
      />
      {isRelease && (
        <Field
          label={c.password}
          name="password"
          type="password"
          autoComplete="current-password"
          value={password}
          onInput={setPassword}
        />
      )}
      {refusal && (
        <p class="refusal" role="alert">
          {refusal}
        </p>
      )}
    </Dialog>
  );
}

/** `2 diajukan · 1 dilepas`. */
function tally(results: readonly Said[], said: Readonly<Record<string, string>>): string {
  const counts = new Map<string, number>();
  for (const one of results) counts.set(one.said, (counts.get(one.said) ?? 0) + 1);
  return [...counts].map(([word, n]) => `${n} ${said[word] ?? word}`).join(' · ');
}
