/** The sheet in which a customer checks, agrees and then enters the PIN. What is shown, what is asked and what the PIN is for are the
 * caller's; how one agrees is the same wherever money moves. */
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import type { Problem } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { call } from './session.ts';
import type { Consent } from './wire.ts';
import { APP_WORDS } from './words.ts';

export type Refusal = Pick<Problem, 'title' | 'wayOut'>;

/** What is sent when the customer agrees, and what the PIN is for once the bank has taken it. */
export interface Agreement<Agreed> {
  readonly path: string;
  readonly body: unknown;
  readonly of: (consentId: string) => Agreed;
}

/** Agree, then PIN. */
export function AgreeDialog<Agreed>(props: {
  readonly title: string;
  /** What is shown is being asked for anew. */
  readonly isStale?: boolean;
  /** Undefined: there is nothing to agree to. */
  agreement(): Agreement<Agreed> | undefined;
  readonly pin: (agreed: Agreed, onRefused: (refusal: Refusal) => void) => ComponentChildren;
  readonly onRequote: () => void;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const w = words(APP_WORDS);
  const isBusy = useSignal(false);
  const problem = useSignal<Refusal | undefined>(undefined);
  const agreed = useSignal<Agreed | undefined>(undefined);

  // What was shown no longer holds: show what holds now, and let the customer agree to that.
  const refuse = (refusal: Refusal): void => {
    problem.value = refusal;
    props.onRequote();
  };
  const agree = async (): Promise<void> => {
    const agreement = props.agreement();
    if (!agreement) return;
    isBusy.value = true;
    problem.value = undefined;
    const result = await call<Consent>(agreement.path, { body: agreement.body });
    isBusy.value = false;
    if (result.ok) agreed.value = agreement.of(result.value.consentId);
    else if (result.kind === 'offline')
      problem.value = { title: w.notLoaded, wayOut: w.notLoadedWhy };
    else refuse(result.problem);
  };

  if (agreed.value !== undefined)
    return (
      <Dialog isOpen title={w.pinTitle} onClose={props.onClose}>
        {props.pin(agreed.value, (refusal) => {
          agreed.value = undefined;
          refuse(refusal);
        })}
      </Dialog>
    );
  return (
    <Dialog
      isOpen
      title={props.title}
      isBusy={isBusy.value}
      onClose={props.onClose}
      footer={
        <Button isWide isBusy={isBusy.value || props.isStale === true} onPress={() => void agree()}>
          {w.agree}
        </Button>
      }
    >
      <div class="stack">
        {problem.value && (
          <Notice state="stopped" title={problem.value.title} isUrgent>
            <p>{problem.value.wayOut}</p>
          </Notice>
        )}
        {props.children}
      </div>
    </Dialog>
  );
}
