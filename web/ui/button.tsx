import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

export interface ButtonProps {
  /** Says what it does: "Kirim Rp125.000". */
  readonly children: ComponentChildren;
  readonly kind?: 'primary' | 'quiet' | 'plain' | 'danger';
  readonly type?: 'button' | 'submit';
  readonly icon?: IconName;
  readonly isWide?: boolean;
  /** Working: keeps its width, says so to screen readers, and ignores a second press. */
  readonly isBusy?: boolean;
  readonly isDisabled?: boolean;
  readonly label?: string;
  readonly onPress?: () => void;
}

/** A button of at least one touch target. Pressing it twice while busy does nothing twice. */
export function Button(props: ButtonProps) {
  return (
    <button
      type={props.type ?? 'button'}
      class={`button button-${props.kind ?? 'primary'}${props.isWide ? ' button-wide' : ''}`}
      aria-busy={props.isBusy ? 'true' : undefined}
      aria-disabled={props.isBusy || props.isDisabled ? 'true' : undefined}
      aria-label={props.label}
      onClick={(event) => {
        if (props.isBusy || props.isDisabled) event.preventDefault();
        else props.onPress?.();
      }}
    >
      {props.icon && <Icon name={props.icon} size={20} />}
      <span>{props.children}</span>
      {props.isBusy && <span class="button-spin" aria-hidden="true" />}
    </button>
  );
}

/** A square button that shows only an icon; `label` is what a screen reader says. */
export function IconButton(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly isPressed?: boolean;
  readonly onPress: () => void;
}) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.isPressed}
      onClick={props.onPress}
    >
      <Icon name={props.icon} />
    </button>
  );
}
