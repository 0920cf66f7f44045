/** How an incident ends: the report of one person, and the word of another on it. */
import { useState } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { CLOSING_WORDS } from './closing-words.ts';
import type { Incidents } from './shape.ts';
import { SignDialog } from './sign-dialog.tsx';
import { session } from './state.ts';

type Incident = Incidents['incidents'][number];

const TEXT_MIN = 20;
const TEXT_MAX = 2_000;
const REFERENCE = /^[A-Za-z0-9/._-]{3,60}$/;

/** The end of a card. */
export function Closing(props: { readonly one: Incident; readonly onChange: () => void }) {
  const w = words(CLOSING_WORDS);
  const { one } = props;
  const [open, setOpen] = useState<'report' | 'agree' | undefined>();
  const { closing } = one;
  const mayAct = session.value?.mayRelease === true && one.closedAtMs === null;
  const close = (): void => setOpen(undefined);
  const done = (said: string): void => {
    showToast(said);
    props.onChange();
  };
  return (
    <>
      {closing && <Report closing={closing} closedAtMs={one.closedAtMs} />}
      {mayAct && closing && !closing.isYou && (
        <Button onPress={() => setOpen('agree')}>{w.agree}</Button>
      )}
      {mayAct && (
        <Button kind="quiet" onPress={() => setOpen('report')}>
          {closing ? w.again : w.close}
        </Button>
      )}
      {open === 'report' && (
        <ReportDialog id={one.id} onClose={close} onDone={() => done(w.asked)} />
      )}
      {open === 'agree' && closing && (
        <SignDialog
          title={w.agree}
          path={`/incidents/${one.id}/closing/agree`}
          body={{ askedAtMs: closing.askedAtMs }}
          onClose={close}
          onDone={() => done(w.closed)}
        >
          <p class="soft">{w.hint}</p>
          <ReportText closing={closing} />
        </SignDialog>
      )}
    </>
  );
}

type ClosingView = NonNullable<Incident['closing']>;

function Report(props: { readonly closing: ClosingView; readonly closedAtMs: number | null }) {
  const w = words(CLOSING_WORDS);
  const { closing, closedAtMs } = props;
  return (
    <section class="closing">
      {closedAtMs === null ? (
        <p>{closing.isYou ? w.askedYou : w.askedOther(closing.askedBy)}</p>
      ) : (
        <p>
          {w.closedAt} <Time atMs={closedAtMs} />
        </p>
      )}
      <ReportText closing={closing} />
    </section>
  );
}

function ReportText({ closing }: { readonly closing: ClosingView }) {
  const w = words(CLOSING_WORDS);
  const rows = [
    [w.cause, closing.cause],
    [w.remedy, closing.remedy],
    [w.reference, closing.reference],
  ] as const;
  return (
    <dl class="facts">
      {rows.map(([name, text]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function ReportDialog(props: {
  readonly id: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}) {
  const w = words(CLOSING_WORDS);
  const [cause, setCause] = useState('');
  const [remedy, setRemedy] = useState('');
  const [reference, setReference] = useState('');
  const isReady =
    cause.trim().length >= TEXT_MIN &&
    remedy.trim().length >= TEXT_MIN &&
    REFERENCE.test(reference);
  return (
    <SignDialog
      title={w.title}
      path={`/incidents/${props.id}/closing`}
      body={{ cause: cause.trim(), remedy: remedy.trim(), reference }}
      isReady={isReady}
      onClose={props.onClose}
      onDone={props.onDone}
    >
      <p class="soft">{w.hint}</p>
      <Field
        label={w.cause}
        hint={w.textHint}
        name="cause"
        value={cause}
        onInput={setCause}
        maxLength={TEXT_MAX}
        hasFocus
      />
      <Field
        label={w.remedy}
        hint={w.textHint}
        name="remedy"
        value={remedy}
        onInput={setRemedy}
        maxLength={TEXT_MAX}
      />
      <Field
        label={w.reference}
        hint={w.referenceHint}
        name="reference"
        value={reference}
        onInput={setReference}
        maxLength={60}
      />
    </SignDialog>
  );
}
