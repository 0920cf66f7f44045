import { computed, signal } from '@preact/signals';

/** Where we are: the part behind `#`, so that every screen is a link and a static server suffices. */
export const path = signal(read());

/** The path without its query, in parts: `#/history/pay_1?x=y` → `['history', 'pay_1']`. */
export const route = computed(() =>
  (path.value.split('?')[0] ?? '').split('/').filter(Boolean).map(decodeURIComponent),
);

/** The query behind the path. */
export const query = computed(() => new URLSearchParams(path.value.split('?')[1] ?? ''));

/** Starts hearing the address bar; call once. */
export function startRouter(): void {
  addEventListener('hashchange', () => {
    path.value = read();
    scrollTo(0, 0);
  });
}

/** Goes to a path such as `/transfer`. `replace` leaves no step to come back to. */
export function go(to: string, options: { readonly replace?: boolean } = {}): void {
  if (options.replace) {
    history.replaceState(null, '', `#${to}`);
    path.value = to;
    scrollTo(0, 0);
  } else location.hash = to;
}

function read(): string {
  return typeof location === 'undefined' ? '/' : location.hash.slice(1) || '/';
}
