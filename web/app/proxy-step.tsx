/** The payee by mobile number or e-mail: who stands behind it, as far as that is shown, before any amount or PIN. */
import { useSignal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import { Field, type FieldError } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { draft, fill } from './draft.ts';
import { PROXY_WORDS } from './proxy-words.ts';
import { call } from './session.ts';
import type { ProxyCheck } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** A look-up may take as long as the network lets us wait. */
const CHECK_TIMEOUT_MS = 40_000;

/** The field, and what was found. */
export function ProxyStep() {
  const w = words(APP_WORDS);
  const own = words(PROXY_WORDS);
  const isBusy = useSignal(false);
  const error = useSignal<{ readonly isField: boolean; readonly error: FieldError } | undefined>(
    undefined,
  );
  const fail = (isField: boolean, rule: string, wayOut?: string): void =>
    void (error.value = { isField, error: { rule, wayOut } });

  const check = async (): Promise<void> => {
    error.value = undefined;
    const typed = draft.value.proxy.trim();
    if (typed.length < 3) return fail(true, own.rule);
    isBusy.value = true;
    const result = await call<ProxyCheck>('/proxy-check', {
      body: { proxy: typed },
      timeoutMs: CHECK_TIMEOUT_MS,
    });
    isBusy.value = false;
    if (!result.ok)
      return result.kind === 'offline'
        ? fail(false, w.notLoaded, w.notLoadedWhy)
        : fail(result.problem.field === 'proxy', result.problem.title, result.problem.wayOut);
    const { found, nameCheckId, name, bankName, bank, account, proxy, title, wayOut } =
      result.value;
    if (found === 'no') return fail(true, title ?? '', wayOut);
    const isWhole = nameCheckId && name && bank && account && proxy;
    if (found === 'unknown' || !isWhole) return fail(false, title ?? '', wayOut);
    fill({
      isLater: false,
      checked: {
        id: nameCheckId,
        name,
        bankName: bankName ?? bank,
        proxy: { text: proxy, bank, account },
      },
    });
    go('/transfer/amount');
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void check();
      }}
    >
      <Field
        label={own.field}
        name="proxy"
        maxLength={120}
        hint={own.hint}
        value={draft.value.proxy}
        error={error.value?.isField ? error.value.error : undefined}
        onInput={(proxy) => fill({ proxy })}
      />
      {error.value && !error.value.isField && (
        <Notice state="unknown" title={error.value.error.rule} isUrgent>
          <p>{error.value.error.wayOut}</p>
        </Notice>
      )}
      <Button type="submit" isWide isBusy={isBusy.value}>
        {own.check}
      </Button>
    </form>
  );
}
