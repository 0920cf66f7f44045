import type { ComponentChildren } from 'preact';
import { Icon, type IconName } from './icon.tsx';

/** What would be here, and why it is empty. */
export function EmptyState(props: {
  readonly icon?: IconName;
  readonly title: string;
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}) {
  return (
    <div class="empty">
      {props.icon && (
        <span class="empty-icon">
          <Icon name={props.icon} size={28} />
        </span>
      )}
      <h2>{props.title}</h2>
      {props.children && <p>{props.children}</p>}
      {props.action}
    </div>
  );
}
