/** Reading a QRIS code: a picture or its text goes in, and the bank says who would be paid, how much, and what to beware of. The
 * screen decides nothing: what the code means and whether it is good is the server's answer. */
import { useSignal, type Signal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import { Field, type FieldError } from '../ui/field.tsx';
import { showMoney } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { QrisWays } from './presented.tsx';
import { QrisPay } from './qris-pay.tsx';
import { QRIS_WORDS } from './qris-words.ts';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { QrisContent, QrisRead } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** Twice the longest code, so that a paste with spaces around it fits. */
const PAYLOAD_MAX = 1_024;

/** What was read, and what the bank says of it. */
interface ReadCode {
  readonly payload: string;
  readonly read: QrisRead;
}

/** The screen. */
export function QrisScreen() {
  const w = words(QRIS_WORDS);
  const read = useSignal<ReadCode | undefined>(undefined);
  return (
    <div class="body">
      <ScreenHead title={w.title} />
      {!read.value && <QrisWays chosen="scan" />}
      {read.value ? (
        <Result {...read.value} onAgain={() => (read.value = undefined)} />
      ) : (
        <Chooser read={read} />
      )}
    </div>
  );
}

/** Picture or text. What was typed stays when no answer comes. */
function Chooser(props: { readonly read: Signal<ReadCode | undefined> }) {
  const w = words(QRIS_WORDS);
  const app = words(APP_WORDS);
  const payload = useSignal('');
  const isBusy = useSignal(false);
  const error = useSignal<FieldError | undefined>(undefined);
  const pictureError = useSignal<FieldError | undefined>(undefined);

  const ask = async (text: string): Promise<void> => {
    error.value = undefined;
    if (text.trim() === '') return void (error.value = { rule: w.pasteRule });
    isBusy.value = true;
    const result = await call<QrisRead>('/qris/read', { body: { payload: text } });
    isBusy.value = false;
    if (result.ok) props.read.value = { payload: text, read: result.value };
    else if (result.kind === 'offline')
      error.value = { rule: app.notLoaded, wayOut: app.notLoadedWhy };
    else error.value = { rule: result.problem.title, wayOut: result.problem.wayOut };
  };
  const open = async (file: File | undefined): Promise<void> => {
    if (!file || isBusy.value) return;
    error.value = undefined;
    pictureError.value = undefined;
    isBusy.value = true;
    const { readPicture } = await import('./qris-picture.ts');
    const found = await readPicture(file);
    isBusy.value = false;
    if (!found.ok) {
      const isEmpty = found.reason === 'no_code';
      pictureError.value = isEmpty
        ? { rule: w.noCode, wayOut: w.noCodeWay }
        : { rule: w.noPicture, wayOut: w.noPictureWay };
      return;
    }
    payload.value = found.payload.slice(0, PAYLOAD_MAX);
    await ask(payload.value);
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void ask(payload.value);
      }}
    >
      <p>{w.intro}</p>
      <label class="picture-choice">
        <Icon name="qris" size={28} />
        <span>{isBusy.value ? w.reading : w.picture}</span>
        <input
          type="file"
          accept="image/*"
          onChange={(event) => {
            const input = event.currentTarget;
            void open(input.files?.[0]);
            // The same picture may be chosen again.
            input.value = '';
          }}
        />
      </label>
      {pictureError.value && (
        <Notice state="unknown" title={pictureError.value.rule} isUrgent>
          <p>{pictureError.value.wayOut}</p>
        </Notice>
      )}
      <Field
        label={w.paste}
        name="payload"
        hint={w.pasteHint}
        maxLength={PAYLOAD_MAX}
        value={payload.value}
        error={error.value}
        onInput={(text) => (payload.value = text)}
      />
      <Button type="submit" isWide isBusy={isBusy.value}>
        {w.read}
      </Button>
    </form>
  );
}

function Result(props: ReadCode & { readonly onAgain: () => void }) {
  const w = words(QRIS_WORDS);
  const { content, warnings, refusal, notPayable } = props.read;
  return (
    <div class="stack">
      {refusal && (
        <Notice state="stopped" title={refusal.title} isUrgent>
          <p>{refusal.wayOut}</p>
          <p class="small">
            {w.rule}: {refusal.rule}
            {refusal.tag === undefined ? '' : ` ${refusal.tag}`}
          </p>
        </Notice>
      )}
      {warnings.map((one) => (
        <Notice key={one.code} state="limited" title={one.title} isUrgent>
          <p>{one.help}</p>
        </Notice>
      ))}
      {content && <Content content={content} />}
      {notPayable && (
        <Notice state="unknown" title={notPayable.title}>
          <p>{notPayable.wayOut}</p>
        </Notice>
      )}
      {content && !notPayable && <QrisPay payload={props.payload} content={content} />}
      <Button kind={content && !notPayable ? 'plain' : 'primary'} isWide onPress={props.onAgain}>
        {w.otherCode}
      </Button>
      {(!content || notPayable) && (
        <Button kind="plain" isWide onPress={() => go('/transfer')}>
          {w.transfer}
        </Button>
      )}
    </div>
  );
}

/** Who is paid and how much, in the order in which a person checks it. */
function Content(props: { readonly content: QrisContent }) {
  const w = words(QRIS_WORDS);
  const { content } = props;
  const to = content.kind === 'transfer' ? w.sentTo : w.paidTo;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [w.tip, content.tip],
    [w.total, content.tip && content.due && showMoney(content.due.total)],
    [w.institution, content.institution],
    ['NMID', content.nmid],
    [w.kind, `${content.kindText} · ${content.methodText}`],
    [w.bill, content.billNumber],
    [w.till, content.terminal],
    [w.asks, content.asks.length > 0 ? content.asks.join(', ') : undefined],
  ];
  return (
    <section class="qris-content" aria-label={to}>
      <p class="small">{to}</p>
      <h2 class="qris-name">{content.name}</h2>
      <p>{content.city}</p>
      <p class={content.amount ? 'confirm-amount' : 'qris-open'}>
        {content.amount ? showMoney(content.amount) : `${w.amount}: ${w.openAmount}`}
      </p>
      <dl class="facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </section>
  );
}
