/** The console's one state: who is signed in, and the newest answer of each room. Rooms poll while they are on screen. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { apiClient, type ApiResult, type Problem } from '../ui/api.ts';
import { showLanguage, type Language } from '../ui/language.ts';

export interface StaffSession {
  readonly staffId: string;
  readonly name: string;
  readonly role: string;
  readonly language: Language;
  readonly csrfToken: string;
  readonly mayStop: boolean;
  readonly mayRelease: boolean;
}

/** `undefined` = not asked yet, `null` = signed out. */
export const session = signal<StaffSession | null | undefined>(undefined);

/** The console API, with the CSRF token of the session. */
export const api = apiClient({
  base: '/console/api',
  csrf: () => session.value?.csrfToken,
  onSignedOut: () => (session.value = null),
});

/** Takes a session, and the reader's language with it. */
export function enter(next: StaffSession): void {
  session.value = next;
  showLanguage(next.language);
}

/** What a room shows: the newest answer, and whether the last question went unanswered. */
export interface Feed<T> {
  readonly value: T | undefined;
  readonly problem: Problem | undefined;
  readonly isStale: boolean;
  readonly reload: () => void;
}

const POLL_MS = 2_000;

/** Polls `path` every two seconds while the component is on screen. */
export function useFeed<T>(path: string): Feed<T> {
  const feed = feedOf<T>(path);
  useEffect(() => {
    let isOn = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const answer: ApiResult<T> = await api<T>(path);
      if (!isOn) return;
      if (answer.ok) feed.value = { value: answer.value, problem: undefined, isStale: false };
      else
        feed.value = {
          ...feed.value,
          problem: answer.kind === 'problem' ? answer.problem : undefined,
          isStale: true,
        };
      timer = setTimeout(() => void ask(), POLL_MS);
    };
    void ask();
    return () => {
      isOn = false;
      clearTimeout(timer);
    };
  }, [path]);
  const reload = (): void => {
    void api<T>(path).then((answer) => {
      if (answer.ok) feed.value = { value: answer.value, problem: undefined, isStale: false };
    });
  };
  return { ...feed.value, reload };
}

type FeedSignal<T> = ReturnType<typeof signal<Omit<Feed<T>, 'reload'>>>;
const feeds = new Map<string, FeedSignal<unknown>>();

function feedOf<T>(path: string): { value: Omit<Feed<T>, 'reload'> } {
  let feed = feeds.get(path);
  if (!feed) {
    feed = signal<Omit<Feed<unknown>, 'reload'>>({
      value: undefined,
      problem: undefined,
      isStale: false,
    });
    feeds.set(path, feed);
  }
  return feed as unknown as { value: Omit<Feed<T>, 'reload'> };
}
