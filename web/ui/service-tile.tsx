import type { ComponentChildren } from 'preact';
import { language, words } from './language.ts';
import { nowMs } from './clock.ts';
import { showMoment } from './format.ts';
import { Icon, type IconName } from './icon.tsx';
import { StateMark, type ServiceState } from './state-mark.tsx';
import { UI_WORDS } from './ui-words.ts';
import { Unbroken } from './unbroken.tsx';

export interface ServiceTileProps {
  readonly name: string;
  readonly icon?: IconName;
  readonly state: ServiceState;
  readonly percent?: number | undefined;
  /** The word beside the shape, when the standard one says too little. */
  readonly word?: string | undefined;
  /** One line. */
  readonly reason?: string | undefined;
  readonly alternative?: string | undefined;
  readonly nextUpdateAtMs?: number | undefined;
  /** Opening stays possible while restricted: the next screen explains (I7: never hidden). */
  readonly onOpen?: (() => void) | undefined;
  readonly children?: ComponentChildren;
}

/** A service: name, state as shape and word, one line of reason, the alternative, when the next news comes. */
export function ServiceTile(props: ServiceTileProps) {
  const w = words(UI_WORDS);
  const body = (
    <>
      {props.icon && (
        <span class="tile-icon">
          <Icon name={props.icon} />
        </span>
      )}
      <span class="tile-text">
        <span class="tile-name">
          <Unbroken text={props.name} />
        </span>
        <StateMark state={props.state} percent={props.percent} word={props.word} />
        {props.reason && <span class="tile-reason">{props.reason}</span>}
        {props.alternative && (
          <span class="tile-reason">
            <b>{w.alternative}:</b> {props.alternative}
          </span>
        )}
        {props.nextUpdateAtMs !== undefined && (
          <span class="tile-next">
            {w.nextUpdate}{' '}
            {showMoment({
              atMs: props.nextUpdateAtMs,
              nowMs: nowMs.value,
              language: language.value,
            })}
          </span>
        )}
      </span>
      {props.onOpen && <Icon name="forward" size={18} />}
    </>
  );
  return props.onOpen ? (
    <button type="button" class={`tile tile-${props.state}`} onClick={props.onOpen}>
      {body}
    </button>
  ) : (
    <div class={`tile tile-${props.state}`}>
      {body}
      {props.children}
    </div>
  );
}
