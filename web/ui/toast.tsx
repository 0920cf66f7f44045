import { signal } from '@preact/signals';

const toast = signal<{ readonly id: number; readonly text: string } | undefined>(undefined);
const SHOWN_MS = 5_000;
let count = 0;

/** Says one short thing that needs no answer; gone after five seconds. */
export function showToast(text: string): void {
  const id = ++count;
  toast.value = { id, text };
  setTimeout(() => {
    if (toast.value?.id === id) toast.value = undefined;
  }, SHOWN_MS);
}

/** Where toasts appear; once per face. */
export function Toaster() {
  return (
    <div class="toaster" role="status" aria-live="polite">
      {toast.value && (
        <div class="toast" key={toast.value.id}>
          {toast.value.text}
        </div>
      )}
    </div>
  );
}
