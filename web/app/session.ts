/** Who is signed in, the one API caller, and whether answers arrive. */
import { signal } from '@preact/signals';
import { apiClient, type ApiCall, type ApiResult } from '../ui/api.ts';
import { setServerTime } from '../ui/clock.ts';
import { language, showLanguage, type Language } from '../ui/language.ts';
import type { SessionInfo } from './wire.ts';

/** `undefined` until the first answer. */
export const session = signal<SessionInfo | undefined>(undefined);
/** True while the last call got no answer. */
export const isOffline = signal(false);
/** The session ended by itself; said on the sign-in screen. */
export const hasEnded = signal(false);

const client = apiClient({
  base: '/app/api',
  csrf: () => session.value?.customer?.csrfToken,
  onSignedOut: () => {
    if (!session.value?.customer) return;
    hasEnded.value = true;
    session.value = withoutCustomer(session.value);
  },
});

/** Calls the API and keeps `isOffline` true to what happened. */
export async function call<T>(path: string, options?: ApiCall): Promise<ApiResult<T>> {
  const result = await client<T>(path, options);
  isOffline.value = !result.ok && result.kind === 'offline';
  return result;
}

/** Asks who is here. The person's language wins over the device's. */
export async function loadSession(): Promise<void> {
  const result = await call<SessionInfo>('/session');
  if (result.ok) takeSession(result.value);
}

/** Takes an answer that carries the session. */
export function takeSession(next: SessionInfo): void {
  setServerTime(next.nowMs);
  if (next.customer) {
    hasEnded.value = false;
    showLanguage(next.language);
  }
  session.value = next;
}

/** Ends the session here and at the bank. Here also when the bank does not answer: the person asked to leave. */
export async function signOut(): Promise<void> {
  await call('/sign-out', { body: {} });
  if (session.value) session.value = withoutCustomer(session.value);
}

/** Shows a language at once and keeps it with the person once signed in. */
export async function changeLanguage(next: Language): Promise<void> {
  if (language.value === next) return;
  showLanguage(next);
  if (session.value?.customer) {
    const result = await call<SessionInfo>('/language', {
      method: 'PUT',
      body: { language: next },
    });
    if (result.ok) takeSession(result.value);
  }
}

function withoutCustomer(info: SessionInfo): SessionInfo {
  const { customer: _gone, ...rest } = info;
  return rest;
}
