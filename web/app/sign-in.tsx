import { useSignal } from '@preact/signals';
import type { Problem } from '../ui/api.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { words } from '../ui/language.ts';
import { Logo } from '../ui/logo.tsx';
import { Notice } from '../ui/notice.tsx';
import { LanguageSwitch } from './language-switch.tsx';
import { call, hasEnded, session, takeSession } from './session.ts';
import type { SessionInfo } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** Sign-in. What was typed stays, whatever the answer. */
export function SignInScreen() {
  const w = words(APP_WORDS);
  const username = useSignal('');
  const password = useSignal('');
  const isShown = useSignal(false);
  const isBusy = useSignal(false);
  const isLost = useSignal(false);
  const isTried = useSignal(false);
  const problem = useSignal<Problem | undefined>(undefined);

  const submit = async (): Promise<void> => {
    isTried.value = true;
    problem.value = undefined;
    isLost.value = false;
    if (!username.value.trim() || !password.value) return;
    isBusy.value = true;
    const result = await call<SessionInfo>('/sign-in', {
      body: { username: username.value.trim(), password: password.value },
    });
    isBusy.value = false;
    if (result.ok) takeSession(result.value);
    else if (result.kind === 'problem') problem.value = result.problem;
    else isLost.value = true;
  };
  const empty = (value: string, rule: string) => (isTried.value && !value ? { rule } : undefined);
  const refused = problem.value && { rule: problem.value.title, wayOut: problem.value.wayOut };

  return (
    <div class="welcome">
      <header class="welcome-head">
        <div class="welcome-top">
          <span class="welcome-brand">
            <Logo size={36} />
            {session.value?.bankName}
          </span>
          <LanguageSwitch />
        </div>
        <p class="welcome-lead">{w.signInLead}</p>
      </header>
      <main class="welcome-card">
        <h1>{w.signInTitle}</h1>
        {hasEnded.value && <Notice state="unknown" title={w.sessionEnded} />}
        {isLost.value && (
          <Notice state="unknown" title={w.notLoaded} isUrgent>
            <p>{w.signInOffline}</p>
          </Notice>
        )}
        <form
          class="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Field
            label={w.username}
            name="username"
            autoComplete="username"
            value={username.value}
            error={empty(username.value.trim(), w.fillUsername)}
            onInput={(value) => (username.value = value)}
          />
          <Field
            label={w.password}
            name="password"
            type={isShown.value ? 'text' : 'password'}
            autoComplete="current-password"
            value={password.value}
            error={refused ?? empty(password.value, w.fillPassword)}
            onInput={(value) => (password.value = value)}
            suffix={
              <IconButton
                icon={isShown.value ? 'eyeOff' : 'eye'}
                label={w.showPassword}
                isPressed={isShown.value}
                onPress={() => (isShown.value = !isShown.value)}
              />
            }
          />
          <Button type="submit" isWide isBusy={isBusy.value}>
            {w.signIn}
          </Button>
        </form>
        <p class="safety">
          <Icon name="shield" size={20} />
          {w.signInSafety}
        </p>
      </main>
    </div>
  );
}
