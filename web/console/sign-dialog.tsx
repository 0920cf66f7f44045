import { useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import type { ApiResult } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { MATCH_WORDS } from './match-words.ts';
import { api } from './state.ts';
import { CONSOLE_WORDS } from './words.ts';

/** Why something was not done, with the way out. */
export function refusalText(answer: Exclude<ApiResult<unknown>, { ok: true }>): string {
  if (answer.kind === 'offline') return words(CONSOLE_WORDS).offline;
  const { title, detail, wayOut } = answer.problem;
  return `${title}. ${detail ?? ''} ${wayOut ?? ''}`;
}

/** Asks for the password that opens one's key, and sends `body` with it. What was typed stays after a refusal. */
export function SignDialog(props: {
  readonly title: string;
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly isReady?: boolean;
  readonly onClose: () => void;
  /** With the answer's body. */
  readonly onDone: (answer: unknown) => void;
  readonly children: ComponentChildren;
}) {
  const w = words(MATCH_WORDS);
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState('');
  const send = async (): Promise<void> => {
    setBusy(true);
    const answer = await api(props.path, { body: { ...props.body, password } });
    setBusy(false);
    if (!answer.ok) {
      setRefusal(refusalText(answer));
      return;
    }
    props.onClose();
    props.onDone(answer.value);
  };
  return (
    <Dialog
      isOpen
      title={props.title}
      onClose={props.onClose}
      isBusy={isBusy}
      footer={
        <Button
          isWide
          isBusy={isBusy}
          isDisabled={props.isReady === false || password === ''}
          onPress={() => void send()}
        >
          {props.title}
        </Button>
      }
    >
      {props.children}
      <Field
        label={w.password}
        hint={w.passwordHint}
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onInput={setPassword}
      />
      {refusal && (
        <p class="refusal" role="alert">
          {refusal}
        </p>
      )}
    </Dialog>
  );
}
