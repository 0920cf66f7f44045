/** Releases: the two-person card and the recovery track with its verdicts and the numbers behind them. */
import { useState } from 'preact/hooks';
import { formatRupiah } from '../../src/kernel/money.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { showCount, showShare, showSpan } from './measure.ts';
import type { ReleaseView, Stage } from './shape.ts';
import { Stale } from './stale.tsx';
import { api, session, useFeed } from './state.ts';
import { RESTRICTION_WORDS } from './restriction-words.ts';
import { ScopeChips } from './scope-chips.tsx';
import { CONSOLE_WORDS } from './words.ts';

const CONSENT_MARK = ' | consent ';

/** The recovery room. */
export function RecoveryRoom() {
  const w = words(CONSOLE_WORDS);
  const { value, isStale, reload } = useFeed<{ releases: readonly ReleaseView[] }>('/releases');
  if (!value)
    return (
      <>
        <Stale isStale={isStale} />
        <Skeleton lines={6} />
      </>
    );
  if (value.releases.length === 0)
    return (
      <EmptyState icon="history" title={w.noReleases}>
        {w.noReleasesText}
      </EmptyState>
    );
  return (
    <>
      <Stale isStale={isStale} />
      <ul class="cards">
        {value.releases.map((one) => (
          <ReleaseCard key={one.id} one={one} onChange={reload} />
        ))}
      </ul>
    </>
  );
}

function ReleaseCard({
  one,
  onChange,
}: {
  readonly one: ReleaseView;
  readonly onChange: () => void;
}) {
  const w = words(CONSOLE_WORDS);
  const [isSigning, setSigning] = useState(false);
  const withdraw = async (): Promise<void> => {
    await api(`/releases/${one.id}/withdraw`, { body: {} });
    onChange();
  };
  return (
    <li class={`card release-${one.state}`}>
      <header>
        <strong class="release-state">{w.releaseStates[one.state]}</strong>
        <span class="mono soft clip">{one.target}</span>
      </header>
      {one.plan.narrowTo ? (
        <>
          <p class="soft">{words(RESTRICTION_WORDS).narrowTo}</p>
          <ScopeChips scope={one.plan.narrowTo} />
        </>
      ) : (
        <Track one={one} />
      )}
      <dl class="facts">
        <div>
          <dt>{w.asked}</dt>
          <dd>
            {one.proposed.name} · <Time atMs={one.proposed.atMs} />
          </dd>
        </div>
        <div>
          <dt>{w.approvedBy}</dt>
          <dd>
            {one.approved ? (
              <>
                {one.approved.name} · <Time atMs={one.approved.atMs} />
              </>
            ) : (
              w.waitingSecond
            )}
          </dd>
        </div>
      </dl>
      <Note text={one.note} />
      {one.youMay === 'withdraw' && (
        <p class="own">
          {w.ownRequest}{' '}
          <Button kind="plain" onPress={() => void withdraw()}>
            {w.withdraw}
          </Button>
        </p>
      )}
      {one.youMay === 'approve' && session.value?.mayRelease && (
        <Button onPress={() => setSigning(true)}>{w.approve}</Button>
      )}
      <Approve
        id={one.id}
        note={one.note}
        isOpen={isSigning}
        onClose={() => setSigning(false)}
        onDone={onChange}
      />
    </li>
  );
}

/** The signed explanation: cause and remedy, and the regulator's consent that the API wrote behind it. */
function Note({ text }: { readonly text: string }) {
  const w = words(CONSOLE_WORDS);
  const [rootCause, consent] = text.split(CONSENT_MARK);
  return (
    <dl class="facts">
      <div>
        <dt>{w.rootCause}</dt>
        <dd>{rootCause}</dd>
      </div>
      {consent && (
        <div>
          <dt>{w.consent}</dt>
          <dd>{consent}</dd>
        </div>
      )}
    </dl>
  );
}

function Track({ one }: { readonly one: ReleaseView }) {
  const w = words(CONSOLE_WORDS);
  return (
    <ol class="track">
      {one.plan.stages.map((agreed, index) => {
        const ran = one.stages.find(({ stage }) => stage === index);
        const look = !ran ? 'ahead' : ran.endedAtMs === null ? 'now' : ran.verdict;
        return (
          <li
            key={agreed.name}
            class={`stage stage-${look}`}
            aria-current={look === 'now' ? 'step' : undefined}
          >
            <span class="stage-dot" aria-hidden="true" />
            <strong>{agreed.name === 'staff' ? w.staffStage : agreed.name}</strong>
            {agreed.capSen && (
              <small>
                {w.cap} {formatRupiah(BigInt(agreed.capSen))}
              </small>
            )}
            {ran && <Numbers ran={ran} dwellMs={agreed.dwellMsMin} />}
          </li>
        );
      })}
    </ol>
  );
}

function Numbers({ ran, dwellMs }: { readonly ran: Stage; readonly dwellMs: number }) {
  const w = words(CONSOLE_WORDS);
  const { evidence } = ran;
  return (
    <span class="stage-numbers">
      {ran.verdict && <b class={`verdict verdict-${ran.verdict}`}>{w.verdicts[ran.verdict]}</b>}
      {evidence.reason && <span>{w.verdictReasons[evidence.reason] ?? evidence.reason}</span>}
      <span>
        {showShare(evidence.successBps)} · {showCount(evidence.settled ?? 0)} {w.settled} ·{' '}
        {showCount(evidence.technicalFailures ?? 0)} {w.technical}
      </span>
      {(evidence.synthetic ?? 0) > 0 && (
        <span>
          {showCount(evidence.synthetic!)} {w.synthetic}
        </span>
      )}
      {ran.endedAtMs === null && evidence.elapsedMs !== undefined && (
        <span>
          {showSpan(evidence.elapsedMs, w)} / {showSpan(dwellMs, w)}
        </span>
      )}
    </span>
  );
}

function Approve(props: {
  readonly id: string;
  readonly note: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const w = words(CONSOLE_WORDS);
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const sign = async (): Promise<void> => {
    setBusy(true);
    const answer = await api(`/releases/${props.id}/approve`, { body: { password } });
    setBusy(false);
    if (answer.ok) {
      setPassword('');
      props.onClose();
      props.onDone();
      showToast(w.releaseStates.approved);
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
      title={w.approve}
      onClose={props.onClose}
      isBusy={isBusy}
      footer={
        <Button isWide isBusy={isBusy} onPress={() => void sign()}>
          {w.approve}
        </Button>
      }
    >
      <Note text={props.note} />
      <Field
        label={w.password}
        hint={w.passwordHint}
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onInput={setPassword}
        hasFocus
      />
      {refusal && (
        <p class="refusal" role="alert">
          {refusal}
        </p>
      )}
    </Dialog>
  );
}
