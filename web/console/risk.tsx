/** The room of risk: what each rule of a payment said lately, and the blocked list with what people do about it. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { showCount } from './measure.ts';
import { RISK_WORDS } from './risk-words.ts';
import { Stale } from './stale.tsx';
import { api, useFeed } from './state.ts';
import { CONSOLE_WORDS } from './words.ts';

const SAID = ['acted', 'asked', 'shadow', 'unasked'] as const;

interface RuleShown {
  readonly code: string;
  readonly action: string;
  readonly isShadow: boolean;
  readonly said: Readonly<Record<(typeof SAID)[number], number>>;
}

interface BlockShown {
  readonly id: string;
  readonly kind: string;
  readonly shown: string;
  readonly reason: string;
  readonly placedBy: string;
  readonly madeAtMs: number;
  readonly reviewAtMs: number;
  readonly isDue: boolean;
  readonly asked: { readonly reason: string; readonly isYou: boolean } | null;
}

interface RiskView {
  readonly version: number;
  readonly rules: readonly RuleShown[];
  readonly blocks: readonly BlockShown[];
  readonly mayBlock: boolean;
  readonly mayLift: boolean;
}

/** The room. */
export function RiskRoom() {
  const w = words(RISK_WORDS);
  const [isAdding, setAdding] = useState(false);
  const [lifting, setLifting] = useState<BlockShown | undefined>(undefined);
  const { value, isStale, reload } = useFeed<RiskView>('/risk');
  if (!value)
    return (
      <>
        <Stale isStale={isStale} />
        <Skeleton lines={6} />
      </>
    );
  const done = (): void => {
    setAdding(false);
    setLifting(undefined);
    reload();
  };
  return (
    <>
      <Stale isStale={isStale} />
      <p class="soft">{w.lead}</p>
      <Rules value={value} />
      <section class="panel" aria-labelledby="blocked-list">
        <h2 id="blocked-list">
          {w.blocks} ({showCount(value.blocks.length)})
        </h2>
        {value.mayBlock && (
          <div class="review-bar">
            <Button onPress={() => setAdding(true)}>{w.add}</Button>
          </div>
        )}
        {value.blocks.length === 0 && (
          <EmptyState icon="check" title={w.none}>
            {w.noneText}
          </EmptyState>
        )}
        <ul class="cards">
          {value.blocks.map((one) => (
            <Block
              key={one.id}
              one={one}
              onLift={value.mayLift && !one.asked?.isYou ? () => setLifting(one) : undefined}
            />
          ))}
        </ul>
      </section>
      {isAdding && <Add onClose={() => setAdding(false)} onDone={done} />}
      {lifting && <Lift one={lifting} onClose={() => setLifting(undefined)} onDone={done} />}
    </>
  );
}

function Rules({ value }: { readonly value: RiskView }) {
  const w = words(RISK_WORDS);
  return (
    <section class="panel" aria-labelledby="risk-rules">
      <h2 id="risk-rules">
        {w.rules} · {w.version(value.version)}
      </h2>
      <div class="table-box" tabIndex={0} role="region" aria-labelledby="risk-rules">
        <table class="board">
          <thead>
            <tr>
              <th scope="col">{w.rule}</th>
              <th scope="col">{w.action}</th>
              {SAID.map((word) => (
                <th key={word} scope="col" class="number">
                  {w[word]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {value.rules.map(({ code, action, isShadow, said }) => (
              <tr key={code}>
                <th scope="row">{w.codes[code] ?? code}</th>
                <td data-label={w.action}>
                  {w.actions[action] ?? action}
                  {isShadow && ` (${w.inShadow})`}
                </td>
                {SAID.map((word) => (
                  <td key={word} class="number" data-label={w[word]}>
                    {showCount(said[word])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Block(props: { readonly one: BlockShown; readonly onLift: (() => void) | undefined }) {
  const w = words(RISK_WORDS);
  const { one } = props;
  return (
    <li class="card">
      <header>
        <strong>
          {w.kinds[one.kind] ?? one.kind}{' '}
          {one.kind === 'account' ? w.ending(one.shown) : <span class="mono">{one.shown}</span>}
        </strong>
        {props.onLift && (
          <Button kind="quiet" onPress={props.onLift}>
            {one.asked ? w.approve : w.lift}
          </Button>
        )}
      </header>
      <dl class="facts">
        <div>
          <dt>{w.why}</dt>
          <dd>{one.reason}</dd>
        </div>
        <div>
          <dt>{w.by}</dt>
          <dd>
            {one.placedBy} · <Time atMs={one.madeAtMs} />
          </dd>
        </div>
        <div>
          <dt>{w.review}</dt>
          <dd>
            <Time atMs={one.reviewAtMs} />
          </dd>
        </div>
      </dl>
      {one.isDue && <p class="own">{w.due}</p>}
      {one.asked && (
        <p class="own">{one.asked.isYou ? w.askedYou : `${w.askedOther} ${one.asked.reason}`}</p>
      )}
    </li>
  );
}

/** One act with its answer: a word to show, or why it was refused. */
function useAct(onDone: () => void) {
  const w = words(RISK_WORDS);
  const c = words(CONSOLE_WORDS);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const send = async (path: string, body: unknown): Promise<void> => {
    setBusy(true);
    const answer = await api<{ said: string }>(path, { body });
    setBusy(false);
    if (answer.ok) {
      showToast(w.said[answer.value.said] ?? answer.value.said);
      return onDone();
    }
    setRefusal(
      answer.kind === 'offline'
        ? c.offline
        : `${answer.problem.title}. ${answer.problem.detail ?? ''} ${answer.problem.wayOut ?? ''}`,
    );
  };
  return { isBusy, refusal, send };
}

interface ActProps {
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function Add(props: ActProps) {
  const w = words(RISK_WORDS);
  const [kind, setKind] = useState('account');
  const [bank, setBank] = useState('');
  const [subject, setSubject] = useState('');
  const [reason, setReason] = useState('');
  const [days, setDays] = useState('30');
  const act = useAct(props.onDone);
  const party = (): unknown =>
    kind === 'account' ? { kind, bank, account: subject } : { kind, merchant: subject };
  const isAccount = kind === 'account';
  return (
    <ActDialog
      title={w.add}
      hint={w.addHint}
      act={act}
      onClose={props.onClose}
      onSend={() =>
        void act.send('/risk/block', { party: party(), reason, reviewDays: Number(days) })
      }
    >
      <label class="choice">
        <span>{w.what}</span>
        <select value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          {Object.entries(w.kinds).map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {isAccount && (
        <Field label={w.bank} name="bank" value={bank} onInput={setBank} maxLength={8} />
      )}
      <Field
        label={isAccount ? w.account : w.merchant}
        name="subject"
        value={subject}
        onInput={setSubject}
        maxLength={64}
      />
      <Reason value={reason} onInput={setReason} />
      <Field
        label={w.days}
        name="days"
        inputMode="numeric"
        value={days}
        clean={(text) => text.replace(/\D/g, '')}
        onInput={setDays}
        maxLength={3}
      />
    </ActDialog>
  );
}

function Lift(props: ActProps & { readonly one: BlockShown }) {
  const w = words(RISK_WORDS);
  const c = words(CONSOLE_WORDS);
  const [reason, setReason] = useState('');
  const [password, setPassword] = useState('');
  const act = useAct(props.onDone);
  const { id, asked } = props.one;
  return (
    <ActDialog
      title={asked ? w.approve : w.lift}
      hint={w.liftHint}
      act={act}
      onClose={props.onClose}
      onSend={() => void act.send('/risk/lift', { id, reason, password })}
    >
      <Reason value={reason} onInput={setReason} />
      <Field
        label={c.password}
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onInput={setPassword}
      />
    </ActDialog>
  );
}

function Reason(props: { readonly value: string; readonly onInput: (value: string) => void }) {
  const w = words(RISK_WORDS);
  return (
    <Field
      label={w.reason}
      hint={w.reasonHint}
      name="reason"
      value={props.value}
      onInput={props.onInput}
      maxLength={500}
    />
  );
}

function ActDialog(props: {
  readonly title: string;
  readonly hint: string;
  readonly act: { readonly isBusy: boolean; readonly refusal: string | undefined };
  readonly onClose: () => void;
  readonly onSend: () => void;
  readonly children: ComponentChildren;
}) {
  const { title, act } = props;
  return (
    <Dialog
      isOpen
      title={title}
      onClose={props.onClose}
      isBusy={act.isBusy}
      footer={
        <Button isWide isBusy={act.isBusy} onPress={props.onSend}>
          {title}
        </Button>
      }
    >
      <p>{props.hint}</p>
      {props.children}
      {act.refusal && (
        <p class="refusal" role="alert">
          {act.refusal}
        </p>
      )}
    </Dialog>
  );
}
