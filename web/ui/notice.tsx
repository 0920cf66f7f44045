import type { ComponentChildren } from 'preact';
import { StateShape, type ServiceState } from './state-mark.tsx';
import { Unbroken } from './unbroken.tsx';

/** A message inside a page, in the colour and shape of a state. `isUrgent` interrupts a screen reader. */
export function Notice(props: {
  readonly state: ServiceState;
  readonly title: string;
  readonly isUrgent?: boolean;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}) {
  return (
    <section class={`notice notice-${props.state}`} role={props.isUrgent ? 'alert' : 'status'}>
      <StateShape state={props.state} size={14} />
      <div class="notice-text">
        <h2 class="notice-title">
          <Unbroken text={props.title} />
        </h2>
        {props.children}
        {props.action && <div class="notice-action">{props.action}</div>}
      </div>
    </section>
  );
}
