/** Alarms that others told us: entered by staff, each with the clock of D23, until somebody has read it. */
import { useState } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { EXTERNAL_ALARM_WORDS } from './external-words.ts';
import { refusalText } from './sign-dialog.tsx';
import { Stale } from './stale.tsx';
import { api, session, useFeed } from './state.ts';

interface AlarmView {
  readonly id: string;
  readonly source: string;
  readonly reference: string;
  readonly rail: string;
  readonly raisedAtMs: number;
  readonly throttleAtMs: number;
  /** Null: a partner's own alarm stops nothing. */
  readonly stopAtMs: number | null;
  readonly raisedBy: string;
}

const REFERENCE = /^[A-Za-z0-9/._-]{3,60}$/;

/** The panel. */
export function ExternalAlarms() {
  const w = words(EXTERNAL_ALARM_WORDS);
  const { value, isStale, reload } = useFeed<readonly AlarmView[]>('/external-alarms');
  const [isAdding, setAdding] = useState(false);
  const mayAct = session.value?.mayStop === true;
  return (
    <section class="panel" aria-labelledby="external-alarms">
      <h2 id="external-alarms">{w.title}</h2>
      <Stale isStale={isStale} />
      {mayAct && (
        <Button kind="quiet" onPress={() => setAdding(true)}>
          {w.add}
        </Button>
      )}
      {value?.length === 0 && (
        <EmptyState icon="check" title={w.none}>
          {w.noneText}
        </EmptyState>
      )}
      {value !== undefined && value.length > 0 && (
        <ul class="cards">
          {value.map((one) => (
            <AlarmCard key={one.id} one={one} mayAct={mayAct} onChange={reload} />
          ))}
        </ul>
      )}
      {isAdding && <AlarmDialog onClose={() => setAdding(false)} onDone={reload} />}
    </section>
  );
}

function AlarmCard(props: {
  readonly one: AlarmView;
  readonly mayAct: boolean;
  readonly onChange: () => void;
}) {
  const w = words(EXTERNAL_ALARM_WORDS);
  const { one } = props;
  const nowMs = Date.now();
  const acknowledge = async (): Promise<void> => {
    const answer = await api(`/external-alarms/${one.id}/acknowledge`, { body: {} });
    showToast(answer.ok ? w.acknowledged : refusalText(answer));
    props.onChange();
  };
  const isHot = nowMs >= one.throttleAtMs;
  return (
    <li class={`card ${isHot ? 'card-stopped' : ''}`}>
      <header>
        <strong>
          {w.sources[one.source] ?? one.source} · {w.rails[one.rail] ?? one.rail}
        </strong>
        <span class="mono">{one.reference}</span>
      </header>
      <dl class="facts">
        <div>
          <dt>{w.raised}</dt>
          <dd>
            {one.raisedBy} · <Time atMs={one.raisedAtMs} />
          </dd>
        </div>
        <div>
          <dt>{w.throttle}</dt>
          <dd class={isHot ? 'is-hot' : ''}>
            <Time atMs={one.throttleAtMs} />
            {isHot && <small>{w.isThrottled}</small>}
          </dd>
        </div>
        {one.stopAtMs !== null && (
          <div>
            <dt>{w.stop}</dt>
            <dd class={nowMs >= one.stopAtMs ? 'is-hot' : ''}>
              <Time atMs={one.stopAtMs} />
              {nowMs >= one.stopAtMs && <small>{w.isStopped}</small>}
            </dd>
          </div>
        )}
      </dl>
      {props.mayAct && <Button onPress={() => void acknowledge()}>{w.acknowledge}</Button>}
    </li>
  );
}

function AlarmDialog(props: { readonly onClose: () => void; readonly onDone: () => void }) {
  const w = words(EXTERNAL_ALARM_WORDS);
  const [source, setSource] = useState('switch');
  const [rail, setRail] = useState('bifast');
  const [reference, setReference] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState('');
  const send = async (): Promise<void> => {
    setBusy(true);
    const answer = await api('/external-alarms', { body: { source, rail, reference } });
    setBusy(false);
    if (!answer.ok) {
      setRefusal(refusalText(answer));
      return;
    }
    props.onClose();
    props.onDone();
  };
  return (
    <Dialog
      isOpen
      title={w.add}
      onClose={props.onClose}
      isBusy={isBusy}
      footer={
        <Button
          isWide
          isBusy={isBusy}
          isDisabled={!REFERENCE.test(reference)}
          onPress={() => void send()}
        >
          {w.addTitle}
        </Button>
      }
    >
      <Choice label={w.source} value={source} onPick={setSource} of={w.sources} />
      <Choice label={w.rail} value={rail} onPick={setRail} of={w.rails} />
      <Field
        label={w.reference}
        hint={w.referenceHint}
        name="reference"
        value={reference}
        onInput={setReference}
        maxLength={60}
      />
      {refusal && (
        <p class="refusal" role="alert">
          {refusal}
        </p>
      )}
    </Dialog>
  );
}

function Choice(props: {
  readonly label: string;
  readonly value: string;
  readonly onPick: (name: string) => void;
  readonly of: Readonly<Record<string, string>>;
}) {
  return (
    <label class="choice">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onPick(event.currentTarget.value)}>
        {Object.entries(props.of).map(([name, word]) => (
          <option key={name} value={name}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}
