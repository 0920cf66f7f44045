/** The sheet before the money: fee, total, what will happen, the very words of the consent; then the PIN. Where the service is
 * restricted, the sheet says so instead, with the alternative and the next news, and asks for no PIN. */
import { useSignal } from '@preact/signals';
import type { Problem } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { amountSen, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { draft, draftAmount, draftPayee } from './draft.ts';
import { Explained } from './explained.tsx';
import { newKey, type InFlight } from './in-flight.ts';
import { PinForm } from './pin-form.tsx';
import { isRouteStale, RouteChoice } from './route-choice.tsx';
import { call, session } from './session.ts';
import type { Consent, Quote } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** The sheet of a quote: agree and PIN, or why it cannot be sent. */
export function ConfirmDialog(props: {
  readonly quote: Quote;
  readonly fromAccount: string;
  readonly onRequote: () => void;
  readonly onClose: () => void;
}) {
  const w = words(APP_WORDS);
  const { quote } = props;
  const isBusy = useSignal(false);
  const problem = useSignal<Pick<Problem, 'title' | 'wayOut'> | undefined>(undefined);
  const agreed = useSignal<InFlight | undefined>(undefined);

  const agree = async (): Promise<void> => {
    const { checked, remark } = draft.value;
    const payee = draftPayee();
    if (!checked || !payee || quote.text === undefined) return;
    isBusy.value = true;
    problem.value = undefined;
    const body = {
      fromAccount: props.fromAccount,
      nameCheckId: checked.id,
      amount: draftAmount(),
      remark,
      text: quote.text,
      ...(quote.route && { route: quote.route }),
    };
    const result = await call<Consent>('/consent', { body });
    isBusy.value = false;
    if (result.ok)
      agreed.value = {
        key: newKey(),
        consentId: result.value.consentId,
        ...payee,
        amount: draftAmount(),
        payeeName: checked.name,
        ...(quote.route && { route: quote.route }),
      };
    else if (result.kind === 'offline')
      problem.value = { title: w.notLoaded, wayOut: w.notLoadedWhy };
    else {
      problem.value = result.problem;
      // What was shown no longer holds: show what holds now, and let the customer agree to that.
      props.onRequote();
    }
  };

  if (!quote.isOpen)
    return <RefusedDialog quote={quote} onRequote={props.onRequote} onClose={props.onClose} />;
  if (agreed.value) {
    return (
      <Dialog isOpen title={w.pinTitle} onClose={props.onClose}>
        <PinForm
          transfer={agreed.value}
          onRefused={(refused) => {
            agreed.value = undefined;
            problem.value = refused;
            // The fee may have changed: agree anew to what holds now.
            props.onRequote();
          }}
        />
      </Dialog>
    );
  }
  return (
    <Dialog
      isOpen
      title={w.confirmTitle}
      isBusy={isBusy.value}
      onClose={props.onClose}
      footer={
        <Button isWide isBusy={isBusy.value || isRouteStale(quote)} onPress={() => void agree()}>
          {w.agree}
        </Button>
      }
    >
      <div class="stack">
        {problem.value && (
          <Notice state="stopped" title={problem.value.title} isUrgent>
            <p>{problem.value.wayOut}</p>
          </Notice>
        )}
        <p class="confirm-amount">{showMoney(draftAmount())}</p>
        <dl class="facts">
          <div>
            <dt>{w.to}</dt>
            <dd>
              <b>{quote.payee.name}</b>
              <br />
              {quote.payee.bank} · {quote.payee.account}
            </dd>
          </div>
          <div>
            <dt>{w.from}</dt>
            <dd>{props.fromAccount}</dd>
          </div>
          <div>
            <dt>{w.fee}</dt>
            <dd>{amountSen(quote.fee) === 0n ? w.free : showMoney(quote.fee)}</dd>
          </div>
          {draft.value.remark && (
            <div>
              <dt>{w.remarkShort}</dt>
              <dd>{draft.value.remark}</dd>
            </div>
          )}
          <div class="facts-total">
            <dt>{w.total}</dt>
            <dd>{showMoney(quote.total)}</dd>
          </div>
        </dl>
        <RouteChoice quote={quote} onChosen={props.onRequote} />
        <div class="explain">
          <h3>{w.nextTitle}</h3>
          <p>{isOnus(quote) ? w.nextOnus : quote.route === 'switch' ? w.nextOnline : w.nextOut}</p>
        </div>
        <div class="explain">
          <h3>{w.agreement}</h3>
          <p>{quote.text}</p>
        </div>
      </div>
    </Dialog>
  );
}

/** Within our bank: no network is in between. */
function isOnus(quote: Quote): boolean {
  const { checked, bank } = draft.value;
  return checked?.proxy
    ? checked.proxy.bank === session.value?.bankBic
    : bank?.isOurs === true && quote.isOpen;
}

function RefusedDialog(props: {
  readonly quote: Quote;
  readonly onRequote: () => void;
  readonly onClose: () => void;
}) {
  const w = words(APP_WORDS);
  const { refusal } = props.quote;
  return (
    <Dialog
      isOpen
      title={w.notNow}
      onClose={props.onClose}
      footer={
        <>
          <Button isWide onPress={() => go('/transfer')}>
            {w.otherPayee}
          </Button>
          <Button kind="plain" isWide onPress={props.onClose}>
            {w.close}
          </Button>
        </>
      }
    >
      <div class="stack">
        {refusal?.explanation ? (
          <Explained explanation={refusal.explanation} />
        ) : (
          <Notice state="limited" title={refusal?.title ?? ''}>
            <p>{refusal?.wayOut}</p>
          </Notice>
        )}
        <RouteChoice quote={props.quote} onChosen={props.onRequote} />
        <p class="small">{w.notDebited}</p>
      </div>
    </Dialog>
  );
}
