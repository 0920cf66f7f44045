import { signal } from '@preact/signals';

/** `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'pulih_theme';

/** The theme chosen on this device. */
export const theme = signal<Theme>('system');

/** Reads the choice kept on this device and applies it; call once at start. */
export function startTheme(): void {
  const kept = read();
  chooseTheme(kept === 'light' || kept === 'dark' ? kept : 'system');
}

/** Applies a theme and keeps the choice on this device. */
export function chooseTheme(next: Theme): void {
  theme.value = next;
  if (next === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // A browser that keeps nothing still shows the theme until the page closes.
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
