import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { IconButton } from './button.tsx';
import { words } from './language.ts';
import { UI_WORDS } from './ui-words.ts';

/** A modal: the browser's own `<dialog>`, so focus stays inside and Escape closes it. A sheet from below on phones.
 * While `isBusy` it cannot be closed by accident. */
export function Dialog(props: {
  readonly isOpen: boolean;
  readonly title: string;
  readonly onClose: () => void;
  readonly isBusy?: boolean;
  readonly children: ComponentChildren;
  readonly footer?: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Before the next paint: while it closes it takes the focus back, and with it what somebody fast is typing.
  useLayoutEffect(() => {
    const dialog = element.current;
    if (!dialog) return;
    if (props.isOpen && !dialog.open) {
      dialog.showModal();
      // Reading starts at the title, not at the button that closes.
      dialog.querySelector('h2')?.focus();
    }
    if (!props.isOpen && dialog.open) dialog.close();
  }, [props.isOpen]);
  return (
    <dialog
      ref={element}
      class="dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        if (!props.isBusy) props.onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current && !props.isBusy) props.onClose();
      }}
    >
      {props.isOpen && (
        <div class="dialog-card">
          <header class="dialog-head">
            <h2 id={titleId} tabIndex={-1}>
              {props.title}
            </h2>
            {!props.isBusy && (
              <IconButton icon="close" label={words(UI_WORDS).close} onPress={props.onClose} />
            )}
          </header>
          <div class="dialog-body">{props.children}</div>
          {props.footer && <footer class="dialog-foot">{props.footer}</footer>}
        </div>
      )}
    </dialog>
  );
}
