/** The sheet before the money: fee, total, what will happen, the very words of the consent; then the PIN. Where the service is
 * restricted, the sheet says so instead, with the alternative and the next news, and asks for no PIN. */
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { amountSen, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { AgreeDialog, type Agreement } from './agree-dialog.tsx';
import { draft, draftAmount, draftPayee } from './draft.ts';
import { Explained } from './explained.tsx';
import { newKey, type InFlight } from './in-flight.ts';
import { PinForm } from './pin-form.tsx';
import { isRouteStale, RouteChoice } from './route-choice.tsx';
import { session } from './session.ts';
import type { Quote } from './wire.ts';
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
  const agreement = (): Agreement<InFlight> | undefined => {
    const { checked, remark } = draft.value;
    const payee = draftPayee();
    if (!checked || !payee || quote.text === undefined) return undefined;
    const amount = draftAmount();
    const route = quote.route && { route: quote.route };
    const { fromAccount } = props;
    return {
      path: '/consent',
      body: { fromAccount, nameCheckId: checked.id, amount, remark, text: quote.text, ...route },
      of: (consentId) => ({
        key: newKey(),
        consentId,
        ...payee,
        amount,
        payeeName: checked.name,
        ...route,
      }),
    };
  };

  if (!quote.isOpen)
    return <RefusedDialog quote={quote} onRequote={props.onRequote} onClose={props.onClose} />;
  return (
    <AgreeDialog
      title={w.confirmTitle}
      isStale={isRouteStale(quote)}
      agreement={agreement}
      pin={(agreed, onRefused) => <PinForm transfer={agreed} onRefused={onRefused} />}
      onRequote={props.onRequote}
      onClose={props.onClose}
    >
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
    </AgreeDialog>
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
