/** Step one: which account. The name comes from the bank that holds it; without a certain answer nobody goes on. */
import { useSignal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import type { FieldError } from '../ui/field.tsx';
import { Field } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { BankDialog } from './bank-dialog.tsx';
import { draft, fill, type Draft } from './draft.ts';
import { Explained } from './explained.tsx';
import { useLoad } from './load.ts';
import { PROXY_WORDS } from './proxy-words.ts';
import { ProxyStep } from './proxy-step.tsx';
import { Segments } from './segments.tsx';
import { NotLoaded } from './not-loaded.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { Bank, Banks, NameCheck } from './wire.ts';
import { STANDING_WORDS } from './standing-words.ts';
import { APP_WORDS } from './words.ts';

const ACCOUNT = /^[0-9]{6,34}$/;
/** An enquiry at another bank may take as long as that bank lets us wait. */
const NAME_CHECK_TIMEOUT_MS = 40_000;

/** Bank and account, then the name as that bank gives it. */
export function PayeeStep() {
  const w = words(APP_WORDS);
  const { state, reload } = useLoad<Banks>('/banks');
  const banks = state.value.data?.banks;
  const isChoosing = useSignal(false);
  const isBusy = useSignal(false);
  const error = useSignal<
    { readonly field: 'bank' | 'account' | 'none'; readonly error: FieldError } | undefined
  >(undefined);
  const bank =
    draft.value.bank &&
    (banks?.find((each) => each.bic === draft.value.bank?.bic) ?? draft.value.bank);
  const fail = (field: 'bank' | 'account' | 'none', rule: string, wayOut?: string): void =>
    void (error.value = { field, error: { rule, wayOut } });

  const check = async (): Promise<void> => {
    error.value = undefined;
    if (!bank) return fail('bank', w.bankRule, w.choose);
    if (isClosed(bank)) return;
    if (!ACCOUNT.test(draft.value.account)) return fail('account', w.accountRule);
    isBusy.value = true;
    const result = await call<NameCheck>('/name-check', {
      body: { bank: bank.bic, account: draft.value.account },
      timeoutMs: NAME_CHECK_TIMEOUT_MS,
    });
    isBusy.value = false;
    if (!result.ok)
      return result.kind === 'offline'
        ? fail('none', w.notLoaded, w.notLoadedWhy)
        : fail(
            result.problem.field === 'account' ? 'account' : 'none',
            result.problem.title,
            result.problem.wayOut,
          );
    const { found, nameCheckId, name, bankName, title, wayOut } = result.value;
    if (found === 'no') return fail('account', title ?? '', wayOut);
    if (found === 'unknown' || nameCheckId === undefined || name === undefined)
      return fail('none', title ?? '', wayOut);
    fill({ checked: { id: nameCheckId, name, bankName: bankName ?? bank.name } });
    go('/transfer/amount');
  };
  const pick = (chosen: Bank): void => {
    fill({ bank: chosen });
    error.value = undefined;
    isChoosing.value = false;
  };
  const own = banks?.find((each) => each.isOurs && each.isOpen);
  return (
    <div class="body">
      <ScreenHead title={w.toWhom} backTo="/" />
      <Segments
        label={words(PROXY_WORDS).by}
        options={words(PROXY_WORDS).byOptions}
        chosen={draft.value.by}
        onChoose={(by) => fill({ by: by as Draft['by'] })}
      />
      {draft.value.by === 'proxy' ? (
        <ProxyStep />
      ) : !banks ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : (
        <form
          class="stack"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void check();
          }}
        >
          <BankButton
            bank={bank}
            error={error.value?.field === 'bank' ? error.value.error : undefined}
            onPress={() => (isChoosing.value = true)}
          />
          {bank &&
            (bank.explanation ? (
              <Explained
                explanation={bank.explanation}
                action={<Ways own={bank.isOurs ? undefined : own} onPick={pick} />}
              />
            ) : (
              !bank.isOpen && <Notice state="limited" title={`${bank.name}: ${w.closedBank}`} />
            ))}
          <Field
            label={w.accountNumber}
            name="account"
            inputMode="numeric"
            maxLength={34}
            value={draft.value.account}
            clean={(text) => text.replace(/\D/g, '')}
            error={error.value?.field === 'account' ? error.value.error : undefined}
            onInput={(account) => fill({ account })}
          />
          {error.value?.field === 'none' && (
            <Notice state="unknown" title={error.value.error.rule} isUrgent>
              <p>{error.value.error.wayOut}</p>
            </Notice>
          )}
          <Button
            type="submit"
            isWide
            isBusy={isBusy.value}
            isDisabled={bank !== undefined && isClosed(bank)}
          >
            {w.checkName}
          </Button>
        </form>
      )}
      {banks && (
        <BankDialog
          list={state.value.data!}
          isOpen={isChoosing.value}
          onPick={pick}
          onClose={() => (isChoosing.value = false)}
        />
      )}
    </div>
  );
}

/** A stopped service forbids no transfer for later: its date may come after the stop. */
function isClosed(bank: Bank): boolean {
  return !bank.isOpen && !draft.value.isLater;
}

/** What can be done while a service is stopped. */
function Ways(props: { readonly own: Bank | undefined; readonly onPick: (bank: Bank) => void }) {
  const { own } = props;
  return (
    <>
      {own && (
        <Button kind="quiet" onPress={() => props.onPick(own)}>
          {words(APP_WORDS).chooseOwn}
        </Button>
      )}
      {!draft.value.isLater && (
        <Button kind="quiet" onPress={() => fill({ isLater: true })}>
          {words(STANDING_WORDS).planLater}
        </Button>
      )}
    </>
  );
}

function BankButton(props: {
  readonly bank: Bank | undefined;
  readonly error: FieldError | undefined;
  readonly onPress: () => void;
}) {
  const w = words(APP_WORDS);
  return (
    <div class={`field${props.error ? ' has-error' : ''}`}>
      <span class="field-label" id="bank-label">
        {w.bank}
      </span>
      <button
        type="button"
        class="field-box select"
        aria-haspopup="dialog"
        aria-labelledby="bank-label bank-value"
        aria-describedby={props.error ? 'bank-error' : undefined}
        onClick={props.onPress}
      >
        <span id="bank-value" class={props.bank ? '' : 'placeholder'}>
          {props.bank?.name ?? w.chooseBank}
        </span>
        <Icon name="forward" size={18} />
      </button>
      {props.error && (
        <p class="field-error" id="bank-error" role="alert">
          <strong>{props.error.rule}</strong> {props.error.wayOut}
        </p>
      )}
    </div>
  );
}
