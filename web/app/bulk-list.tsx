/** A company's lists of transfers, and the form that uploads one. */
import { useSignal } from '@preact/signals';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field, type FieldError } from '../ui/field.tsx';
import { showMoney } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { language, words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { BULK_WORDS } from './bulk-words.ts';
import { newKey } from './in-flight.ts';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { StatusMark } from './payment-row.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import type { BulkDetail, BulkList, BulkShown, Home } from './wire.ts';
import { APP_WORDS } from './words.ts';

const FILE_BYTES_MAX = 3_000_000;
/** A file of full size over a slow line. */
const UPLOAD_TIMEOUT_MS = 90_000;

/** Every list, newest first; above them the form. */
export function BulkListScreen() {
  const w = words(BULK_WORDS);
  const { state, reload } = useLoad<BulkList>('/bulks');
  const data = state.value.data;
  return (
    <div class="body">
      <ScreenHead title={w.listTitle} backTo="/more" />
      <StaleNotice state={state.value} />
      {!data ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : (
        <>
          {data.limits ? (
            <UploadForm limits={data.limits} />
          ) : (
            <EmptyState icon="outgoing" title={w.notAgreed}>
              {w.notAgreedWhy}
            </EmptyState>
          )}
          {data.bulks.length > 0 && (
            <ul class="rows">
              {data.bulks.map((bulk) => (
                <li key={bulk.id}>
                  <BulkRow bulk={bulk} />
                </li>
              ))}
            </ul>
          )}
          {data.limits && data.bulks.length === 0 && <p class="small">{w.emptyWhy}</p>}
        </>
      )}
    </div>
  );
}

/** A whole number in the reader's language. */
export function showCount(count: number): string {
  return count.toLocaleString(language.value === 'id' ? 'id-ID' : 'en-GB');
}

function BulkRow(props: { readonly bulk: BulkShown }) {
  const { bulk } = props;
  return (
    <a class="row" href={`#/bulk/${bulk.id}`}>
      <span class="row-icon">
        <Icon name="outgoing" size={20} />
      </span>
      <span class="row-lines">
        <span class="row-line">
          <span class="row-name">{bulk.name}</span>
          {bulk.agreed && (
            <span class="row-amount">
              <Money amount={bulk.agreed.amount} />
            </span>
          )}
        </span>
        <span class="row-line">
          <StatusMark status={bulk.status} />
          <span class="row-time">{words(BULK_WORDS).rowCount(showCount(bulk.rowCount))}</span>
        </span>
      </span>
    </a>
  );
}

type Where = 'name' | 'file' | 'none';

function UploadForm(props: { readonly limits: NonNullable<BulkList['limits']> }) {
  const w = words(BULK_WORDS);
  const app = words(APP_WORDS);
  const home = useLoad<Home>('/home');
  const accounts = home.state.value.data?.accounts.filter(({ state }) => state === 'open') ?? [];
  const from = useSignal('');
  const name = useSignal('');
  const file = useSignal<File | undefined>(undefined);
  // One key for one choice of file: pressed again after a lost answer it is the same list.
  const key = useSignal(newKey());
  const isBusy = useSignal(false);
  const error = useSignal<(FieldError & { readonly where: Where }) | undefined>(undefined);
  const errorAt = (where: Where): FieldError | undefined =>
    error.value?.where === where ? error.value : undefined;
  const fail = (where: Where, rule: string, wayOut?: string): void =>
    void (error.value = { where, rule, wayOut });
  const fromAccount = from.value || accounts[0]?.number;

  const send = async (): Promise<void> => {
    error.value = undefined;
    if (!name.value.trim()) return fail('name', w.nameRule);
    if (!file.value) return fail('file', w.fileRule);
    if (file.value.size > FILE_BYTES_MAX) return fail('file', w.fileTooLarge);
    if (!fromAccount) return fail('none', app.notLoaded, app.notLoadedWhy);
    isBusy.value = true;
    const result = await call<BulkDetail>('/bulks', {
      body: { fromAccount, name: name.value, file: await file.value.text() },
      headers: { 'idempotency-key': key.value },
      timeoutMs: UPLOAD_TIMEOUT_MS,
    });
    isBusy.value = false;
    if (result.ok) return go(`/bulk/${result.value.bulk.id}`);
    if (result.kind === 'offline') return fail('none', w.noAnswer, app.checkAgain);
    key.value = newKey();
    const { field, title, wayOut, line } = result.problem;
    const at = typeof line === 'number' ? `${w.fileLine(line)} ${wayOut ?? ''}` : wayOut;
    fail(field === 'file' || field === 'name' ? field : 'none', title, at);
  };

  return (
    <form
      class="card stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {errorAt('none') && (
        <Notice state="unknown" title={errorAt('none')?.rule ?? ''} isUrgent>
          <p>{errorAt('none')?.wayOut}</p>
        </Notice>
      )}
      <Field
        label={w.name}
        name="name"
        hint={w.nameHint}
        maxLength={60}
        value={name.value}
        error={errorAt('name')}
        onInput={(text) => {
          name.value = text;
          key.value = newKey();
        }}
      />
      {accounts.length > 1 && (
        <div class="field">
          <label for="bulk-from">{app.from}</label>
          <div class="field-box">
            <select
              id="bulk-from"
              value={fromAccount}
              onChange={(event) => {
                from.value = event.currentTarget.value;
                key.value = newKey();
              }}
            >
              {accounts.map(({ number }) => (
                <option key={number} value={number}>
                  {number}
                </option>
              ))}
            </select>
          </div>
        </div>
      )}
      <FileField
        label={w.file}
        hint={w.fileHint(showCount(props.limits.rowMax), showMoney(props.limits.dayMax))}
        error={errorAt('file')}
        onChoose={(chosen) => {
          file.value = chosen;
          key.value = newKey();
        }}
      />
      <Button type="submit" isWide isBusy={isBusy.value}>
        {w.upload}
      </Button>
      {isBusy.value && (
        <p class="small centred" role="status">
          {w.uploading}
        </p>
      )}
    </form>
  );
}

function FileField(props: {
  readonly label: string;
  readonly hint: string;
  readonly error: FieldError | undefined;
  readonly onChoose: (file: File | undefined) => void;
}) {
  const { error } = props;
  return (
    <div class={`field${error ? ' has-error' : ''}`}>
      <label for="bulk-file">{props.label}</label>
      <div class="field-box field-file">
        <input
          id="bulk-file"
          name="file"
          type="file"
          accept=".csv,text/csv"
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={error ? 'bulk-file-error bulk-file-hint' : 'bulk-file-hint'}
          onChange={(event) => props.onChoose(event.currentTarget.files?.[0])}
        />
      </div>
      <p class="field-hint" id="bulk-file-hint">
        {props.hint}
      </p>
      {error && (
        <p class="field-error" id="bulk-file-error" role="alert">
          <strong>{error.rule}</strong> {error.wayOut}
        </p>
      )}
    </div>
  );
}
