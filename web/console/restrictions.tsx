/** Restrictions in force, and the two acts: stop alone, ask for a release. */
import { useState } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { go } from '../ui/router.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { ScopeChips } from './scope-chips.tsx';
import { RESTRICTION_WORDS } from './restriction-words.ts';
import type { RestrictionView, Scope } from './shape.ts';
import { Stale } from './stale.tsx';
import { api, session, useFeed } from './state.ts';
import { StopForm } from './stop.tsx';
import { CONSOLE_WORDS } from './words.ts';

/** The restrictions room. */
export function RestrictionRoom() {
  const w = words(CONSOLE_WORDS);
  const { value, isStale, reload } = useFeed<{ restrictions: readonly RestrictionView[] }>(
    '/restrictions',
  );
  return (
    <>
      <Stale isStale={isStale} />
      <div class="two">
        <section class="panel" aria-labelledby="in-force">
          <h2 id="in-force">{w.inForce}</h2>
          {!value ? (
            <Skeleton lines={4} />
          ) : value.restrictions.length === 0 ? (
            <EmptyState icon="shield" title={w.noRestrictions}>
              {w.noRestrictionsText}
            </EmptyState>
          ) : (
            <ul class="cards">
              {value.restrictions.map((one) => (
                <RestrictionCard key={one.id} one={one} />
              ))}
            </ul>
          )}
        </section>
        {session.value?.mayStop && <StopForm onDone={reload} />}
      </div>
    </>
  );
}

function RestrictionCard({ one }: { readonly one: RestrictionView }) {
  const w = words(CONSOLE_WORDS);
  const [asking, setAsking] = useState<'release' | 'narrow' | undefined>(undefined);
  const proposal = one.harm?.proposal ?? undefined;
  const isOpen = one.state !== 'lifted';
  const state = one.state === 'recovering' ? 'recovering' : isOpen ? 'stopped' : 'normal';
  return (
    <li class={`card card-${state}`}>
      <header>
        <ScopeChips scope={one.scope} />
        <StateMark state={state} word={isOpen ? undefined : w.lifted} />
      </header>
      <p>
        <strong>{one.explained.title}</strong>
      </p>
      <p class="soft">{one.explained.text}</p>
      <dl class="facts">
        <div>
          <dt>{w.since}</dt>
          <dd>
            <Time atMs={one.madeAtMs} />
          </dd>
        </div>
        <div>
          <dt>
            {w.level} {one.level}
          </dt>
          <dd>
            {one.isAutomatic
              ? `${w.automatic}${one.cause === 'manual' ? '' : ` (${one.cause})`}`
              : `${w.byStaff} ${one.placedName ?? one.placedBy}`}
          </dd>
        </div>
        <div>
          <dt>{w.review}</dt>
          <dd>
            <Time atMs={one.reviewAtMs} />
          </dd>
        </div>
      </dl>
      {one.stopReason && (
        <p>
          <span class="soft">{w.reason}: </span>
          {one.stopReason}
        </p>
      )}
      {one.evidence.length > 0 && (
        <p class="soft clip">
          <span>{w.evidence}: </span>
          <span class="mono">
            {one.evidence.slice(0, 3).join(', ')}
            {one.evidence.length > 3 ? ` +${one.evidence.length - 3}` : ''}
          </span>
        </p>
      )}
      {one.harm && <HarmMeter harm={one.harm} />}
      {one.state === 'active' && session.value?.mayRelease && (
        <div class="pair">
          {proposal?.kind === 'narrow' && (
            <Button kind="quiet" onPress={() => setAsking('narrow')}>
              {words(RESTRICTION_WORDS).askNarrow}
            </Button>
          )}
          <Button kind="quiet" onPress={() => setAsking('release')}>
            {w.askRelease}
          </Button>
        </div>
      )}
      <AskRelease
        target={one.id}
        narrowTo={asking === 'narrow' && proposal?.kind === 'narrow' ? proposal.scope : undefined}
        isOpen={asking !== undefined}
        onClose={() => setAsking(undefined)}
      />
    </li>
  );
}

/** What the restriction costs the healthy, and what it proposes itself. */
function HarmMeter({ harm }: { readonly harm: NonNullable<RestrictionView['harm']> }) {
  const w = words(RESTRICTION_WORDS);
  const { proposal } = harm;
  return (
    <div class="preview">
      <p>
        {w.harm}: <strong>{harm.good}</strong>, <Money amount={BigInt(harm.goodSen)} /> ·{' '}
        {w.harmSuspect(harm.suspect)}
      </p>
      {proposal && (
        <p>
          {proposal.kind === 'narrow'
            ? w.proposeNarrow(proposal.spares)
            : w.proposeRelease(proposal.spares)}
        </p>
      )}
      {proposal?.kind === 'narrow' && <ScopeChips scope={proposal.scope} />}
    </div>
  );
}

function AskRelease(props: {
  readonly target: string;
  readonly narrowTo: Scope | undefined;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  const w = words(CONSOLE_WORDS);
  const [form, setForm] = useState({ rootCause: '', consentReference: '', password: '' });
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const sign = async (): Promise<void> => {
    setBusy(true);
    const answer = await api<{ id: string }>('/releases', {
      body: {
        target: props.target,
        ...form,
        ...(props.narrowTo ? { narrowTo: props.narrowTo } : {}),
      },
    });
    setBusy(false);
    if (answer.ok) {
      setForm({ rootCause: '', consentReference: '', password: '' });
      props.onClose();
      showToast(w.waitingSecond);
      go('/recovery');
      return;
    }
    setRefusal(
      answer.kind === 'offline'
        ? w.offline
        : `${answer.problem.title}. ${answer.problem.detail ?? ''} ${answer.problem.wayOut ?? ''}`,
    );
  };
  return (
    <Dialog
      isOpen={props.isOpen}
      title={props.narrowTo ? words(RESTRICTION_WORDS).askNarrow : w.askRelease}
      onClose={props.onClose}
      isBusy={isBusy}
      footer={
        <Button isBusy={isBusy} isWide onPress={() => void sign()}>
          {w.sign}
        </Button>
      }
    >
      {props.narrowTo && <ScopeChips scope={props.narrowTo} />}
      <Field
        label={w.rootCause}
        hint={w.rootCauseHint}
        name="root-cause"
        maxLength={500}
        value={form.rootCause}
        onInput={(rootCause) => setForm({ ...form, rootCause })}
        hasFocus
      />
      <Field
        label={w.consent}
        name="consent"
        maxLength={100}
        value={form.consentReference}
        onInput={(consentReference) => setForm({ ...form, consentReference })}
      />
      <Field
        label={w.password}
        hint={w.passwordHint}
        name="password"
        type="password"
        autoComplete="current-password"
        value={form.password}
        onInput={(password) => setForm({ ...form, password })}
      />
      {refusal && (
        <p class="refusal" role="alert">
          {refusal}
        </p>
      )}
    </Dialog>
  );
}
