/** An open break: whose it is, what is known of it, and its end by two people. */
import { useState } from 'preact/hooks';
import { formatRupiah } from '../../src/kernel/money.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { EndDialog } from './end-dialog.tsx';
import { MATCH_WORDS } from './match-words.ts';
import type { AccountView, BreakView } from './match-shape.ts';
import { showSpan } from './measure.ts';
import { refusalText, SignDialog } from './sign-dialog.tsx';
import { api, session } from './state.ts';
import { CONSOLE_WORDS } from './words.ts';

/** One break. */
export function BreakCard(props: {
  readonly one: BreakView;
  readonly nowMs: number;
  readonly accounts: readonly AccountView[];
  readonly onChange: () => void;
}) {
  const w = words(MATCH_WORDS);
  const c = words(CONSOLE_WORDS);
  const { one, onChange } = props;
  const [isProposing, setProposing] = useState(false);
  const mayAct = session.value?.mayRelease === true;
  const take = async (): Promise<void> => {
    const answer = await api(`/breaks/${one.id}/take`, { body: {} });
    if (!answer.ok) showToast(refusalText(answer));
    onChange();
  };
  return (
    <li class={`card ${one.kind === 'missing' ? '' : 'card-stopped'}`}>
      <header>
        <strong>
          {w.rails[one.rail] ?? one.rail} · {w.kinds[one.kind] ?? one.kind}
        </strong>
        <Money amount={BigInt(one.amountSen)} />
      </header>
      <p class="mono clip">{one.bizMsgIdr}</p>
      <p class="soft">{c.alarmWords[one.reason] ?? one.reason}</p>
      <dl class="facts">
        <div>
          <dt>{w.age}</dt>
          <dd>
            {showSpan(Math.max(0, props.nowMs - one.openedAtMs), c)} ·{' '}
            <Time atMs={one.openedAtMs} />
          </dd>
        </div>
        <div>
          <dt>{w.owner}</dt>
          <dd>{one.owner ?? w.nobody}</dd>
        </div>
      </dl>
      <Notes one={one} mayAct={mayAct} onChange={onChange} />
      {one.proposal ? (
        <ProposalPart proposal={one.proposal} mayAct={mayAct} onChange={onChange} />
      ) : (
        mayAct && (
          <div class="pair">
            {!one.isYours && (
              <Button kind="quiet" onPress={() => void take()}>
                {w.take}
              </Button>
            )}
            <Button kind="quiet" onPress={() => setProposing(true)}>
              {w.propose}
            </Button>
          </div>
        )
      )}
      {isProposing && (
        <EndDialog
          one={one}
          accounts={props.accounts}
          onClose={() => setProposing(false)}
          onDone={onChange}
        />
      )}
    </li>
  );
}

function Notes(props: {
  readonly one: BreakView;
  readonly mayAct: boolean;
  readonly onChange: () => void;
}) {
  const w = words(MATCH_WORDS);
  const { notes, id } = props.one;
  const [note, setNote] = useState('');
  const [refusal, setRefusal] = useState('');
  const add = async (): Promise<void> => {
    const answer = await api(`/breaks/${id}/notes`, { body: { note } });
    setRefusal(answer.ok ? '' : refusalText(answer));
    if (answer.ok) setNote('');
    props.onChange();
  };
  return (
    <details>
      <summary>
        {w.notes} ({notes.length})
      </summary>
      <ul class="lines">
        {notes.map(({ name, atMs, note: text }) => (
          <li key={atMs}>
            <strong>{name}</strong> <Time atMs={atMs} /> <span>{text}</span>
          </li>
        ))}
      </ul>
      {props.mayAct && (
        <form
          class="pair"
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <Field
            label={w.addNote}
            name={`note-${id}`}
            value={note}
            onInput={setNote}
            maxLength={500}
          />
          <Button type="submit" kind="quiet" isDisabled={note.trim().length < 3}>
            {w.addNote}
          </Button>
        </form>
      )}
      {refusal && (
        <p class="refusal" role="alert">
          {refusal}
        </p>
      )}
    </details>
  );
}

function ProposalPart(props: {
  readonly proposal: NonNullable<BreakView['proposal']>;
  readonly mayAct: boolean;
  readonly onChange: () => void;
}) {
  const w = words(MATCH_WORDS);
  const { proposal, onChange } = props;
  const [isSigning, setSigning] = useState(false);
  const withdraw = async (): Promise<void> => {
    const answer = await api(`/proposals/${proposal.id}/withdraw`, { body: {} });
    if (!answer.ok) showToast(refusalText(answer));
    onChange();
  };
  const text = <ProposalText proposal={proposal} />;
  const act =
    proposal.amountSen === null
      ? w.approve
      : w.approvePosting(formatRupiah(BigInt(proposal.amountSen)));
  return (
    <>
      {text}
      {proposal.isYours ? (
        <p class="own">
          {w.own}{' '}
          <Button kind="plain" onPress={() => void withdraw()}>
            {w.withdraw}
          </Button>
        </p>
      ) : (
        props.mayAct && <Button onPress={() => setSigning(true)}>{act}</Button>
      )}
      {isSigning && (
        <SignDialog
          title={act}
          path={`/proposals/${proposal.id}/approve`}
          body={{}}
          onClose={() => setSigning(false)}
          onDone={() => {
            showToast(w.done);
            onChange();
          }}
        >
          {text}
        </SignDialog>
      )}
    </>
  );
}

function ProposalText({ proposal }: { readonly proposal: NonNullable<BreakView['proposal']> }) {
  const w = words(MATCH_WORDS);
  return (
    <dl class="facts">
      <div>
        <dt>{w.proposed}</dt>
        <dd>
          {proposal.by} · <Time atMs={proposal.atMs} />
        </dd>
      </div>
      <div>
        <dt>{w.reason}</dt>
        <dd>{proposal.reason}</dd>
      </div>
      <div>
        <dt>
          {w.debit} → {w.credit}
        </dt>
        <dd class="mono">
          {proposal.amountSen === null
            ? w.noPosting
            : `${proposal.debitAccount} → ${proposal.creditAccount} · ${formatRupiah(BigInt(proposal.amountSen))}`}
        </dd>
      </div>
    </dl>
  );
}
