import { signal } from '@preact/signals';

/** The reader's idea of now, corrected by the server's clock and renewed every half minute: for "today" and "x minutes". */
export const nowMs = signal(Date.now());

let offsetMs = 0;
const RENEW_MS = 30_000;

/** Takes the server's time as the truth; a phone's clock may be hours off. */
export function setServerTime(serverMs: number): void {
  offsetMs = serverMs - Date.now();
  nowMs.value = serverMs;
}

/** Starts renewing `nowMs`; call once. */
export function startClock(): void {
  setInterval(() => (nowMs.value = Date.now() + offsetMs), RENEW_MS);
}
