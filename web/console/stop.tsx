/** Stop or limit: choose a scope, see what it touches, then enforce. A wide scope asks for a typed word (T20). */
import { useState } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { groupDigits } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { showToast } from '../ui/toast.tsx';
import { scopeParts } from './scope-chips.tsx';
import type { Preview, Scope } from './shape.ts';
import { api } from './state.ts';
import { CONSOLE_WORDS } from './words.ts';

interface Draft {
  readonly rail: string;
  readonly direction: string;
  readonly channel: string;
  readonly bank: string;
  readonly amount: string;
  readonly reason: string;
  readonly confirm: string;
}

/** As the API asks. */
const REASON_LENGTH_MIN = 5;

const EMPTY: Draft = {
  rail: 'bifast',
  direction: 'out',
  channel: '',
  bank: '',
  amount: '',
  reason: '',
  confirm: '',
};

/** The form. `onDone` runs when a restriction is in force. */
export function StopForm(props: { readonly onDone: () => void }) {
  const w = words(CONSOLE_WORDS);
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [preview, setPreview] = useState<Preview | undefined>(undefined);
  const [confirmWord, setConfirmWord] = useState<string | undefined>(undefined);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | undefined>(undefined);
  const scope = scopeOf(draft);
  const change = (part: Partial<Draft>): void => {
    setDraft({ ...draft, ...part });
    if (!('reason' in part) && !('confirm' in part)) {
      setPreview(undefined);
      setConfirmWord(undefined);
    }
    setRefusal(undefined);
  };
  const look = async (): Promise<void> => {
    setBusy(true);
    const answer = await api<Preview>('/preview', { body: { scope } });
    setBusy(false);
    if (answer.ok) setPreview(answer.value);
    else
      setRefusal(
        answer.kind === 'offline'
          ? w.offline
          : `${answer.problem.title}. ${answer.problem.detail ?? ''}`,
      );
  };
  const stop = async (): Promise<void> => {
    setBusy(true);
    const answer = await api<{ restrictionId: string | null }>('/stops', {
      body: {
        scope,
        reason: draft.reason,
        ...(draft.confirm ? { confirm: draft.confirm.trim() } : {}),
      },
    });
    setBusy(false);
    if (answer.ok) {
      setDraft(EMPTY);
      setPreview(undefined);
      setConfirmWord(undefined);
      showToast(answer.value.restrictionId ? w.stopDone : w.stopPending);
      props.onDone();
      return;
    }
    const isFirstAsked =
      answer.kind === 'problem' && answer.problem.code === 'confirm_needed' && !confirmWord;
    if (isFirstAsked) setConfirmWord(String(answer.problem['confirmWord']));
    else
      setRefusal(
        answer.kind === 'offline'
          ? w.offline
          : `${answer.problem.title}. ${answer.problem.detail ?? ''} ${answer.problem.wayOut ?? ''}`,
      );
  };
  return (
    <section class="panel" aria-labelledby="stop-title">
      <h2 id="stop-title">{w.stopTitle}</h2>
      <p class="soft">{w.stopLead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void (preview ? stop() : look());
        }}
      >
        <div class="pair">
          <Choice
            label={w.rail}
            value={draft.rail}
            onChange={(rail) => change({ rail })}
            options={[
              ['bifast', 'BI-FAST'],
              ['onus', w.rails.onus],
              ['switch', 'Online (switch)'],
              ['qris', 'QRIS'],
              ['biller', w.bills],
              ['', w.allRails],
            ]}
          />
          <Choice
            label={w.direction}
            value={draft.direction}
            onChange={(direction) => change({ direction })}
            options={[
              ['out', w.out],
              ['in', w.incoming],
            ]}
          />
          <Choice
            label={w.channel}
            value={draft.channel}
            onChange={(channel) => change({ channel })}
            options={[
              ['', w.all],
              ['mobile', w.channels['mobile']!],
              ['snap', w.channels['snap']!],
            ]}
          />
        </div>
        <div class="pair">
          <Field
            label={w.bank}
            name="bank"
            maxLength={8}
            value={draft.bank}
            clean={(text) => text.toUpperCase().replace(/[^A-Z0-9]/g, '')}
            onInput={(bank) => change({ bank })}
          />
          <Field
            label={w.amountFrom}
            name="amount-from"
            inputMode="numeric"
            value={draft.amount}
            clean={(text) => groupDigits(text.replace(/\D/g, '').slice(0, 12))}
            onInput={(amount) => change({ amount })}
          />
        </div>
        <Field
          label={w.reason}
          hint={w.reasonHint}
          name="reason"
          maxLength={300}
          value={draft.reason}
          onInput={(reason) => change({ reason })}
        />
        {preview && <PreviewCard preview={preview} />}
        {confirmWord && (
          <Field
            label={w.typeToConfirm(confirmWord)}
            name="confirm"
            value={draft.confirm}
            onInput={(confirm) => change({ confirm })}
            hasFocus
          />
        )}
        {refusal && (
          <p class="refusal" role="alert">
            {refusal}
          </p>
        )}
        {preview ? (
          <Button
            type="submit"
            kind="danger"
            isWide
            isBusy={isBusy}
            isDisabled={draft.reason.trim().length < REASON_LENGTH_MIN}
          >
            {w.doStop(scopeParts(scope, w).join(' '))} (
            {w.previewCustomers(preview.customersPerMinute)})
          </Button>
        ) : (
          <Button type="submit" kind="quiet" isWide isBusy={isBusy}>
            {w.preview}
          </Button>
        )}
      </form>
    </section>
  );
}

function scopeOf(draft: Draft): Scope {
  const amount = draft.amount.replace(/\D/g, '');
  return {
    ...(draft.rail ? { rail: draft.rail } : {}),
    direction: draft.direction,
    ...(draft.channel ? { channel: draft.channel } : {}),
    ...(draft.bank ? { bank: draft.bank } : {}),
    ...(amount ? { amountFromSen: `${amount}00` } : {}),
  };
}

function PreviewCard({ preview }: { readonly preview: Preview }) {
  const w = words(CONSOLE_WORDS);
  return (
    <div class="preview" role="status">
      {preview.isWide && (
        <p>
          <strong>{w.wideStop(preview.level)}</strong>
        </p>
      )}
      <dl class="facts">
        <div>
          <dt>{w.previewStops}</dt>
          <dd>{preview.stops.join(', ')}</dd>
        </div>
        <div>
          <dt>{w.previewOpen}</dt>
          <dd>{preview.staysOpen.join(', ')}</dd>
        </div>
        <div>
          <dt>{w.previewTouches}</dt>
          <dd>
            {w.previewCustomers(preview.customersPerMinute)}
            <br />
            {w.previewPayments(preview.paymentsPerMinute)},{' '}
            <Money amount={BigInt(preview.valuePerMinuteSen)} />
            <br />
            {w.previewHealthy(preview.healthyPerMinute)}
            {preview.usualPerMinute !== null && (
              <>
                <br />
                <span class="soft">{w.previewUsual(preview.usualPerMinute)}</span>
              </>
            )}
          </dd>
        </div>
        <div>
          <dt>{w.previewHeld}</dt>
          <dd>
            <Money amount={BigInt(preview.valueHeldSen)} />
            <br />
            <span class="soft">{w.previewOnTheWay(preview.openCount)}</span>
          </dd>
        </div>
      </dl>
    </div>
  );
}

function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, word: string])[];
  readonly onChange: (value: string) => void;
}) {
  return (
    <label class="choice">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}
