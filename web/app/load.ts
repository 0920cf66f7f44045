import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Problem } from '../ui/api.ts';
import { nowMs } from '../ui/clock.ts';
import { language } from '../ui/language.ts';
import { call } from './session.ts';

/** What a screen has of an answer. Old data stays while newer is on its way or out of reach, with its age. */
export interface Loaded<T> {
  readonly data: T | undefined;
  readonly loadedAtMs: number | undefined;
  readonly problem: Problem | undefined;
  /** No answer came the last time. */
  readonly isLost: boolean;
}

/** Loads a path and again when the reader's language or the path changes. `reload` asks once more; it resolves to the data. */
export function useLoad<T>(path: string): {
  readonly state: Signal<Loaded<T>>;
  readonly reload: () => Promise<T | undefined>;
} {
  const state = useSignal<Loaded<T>>({
    data: undefined,
    loadedAtMs: undefined,
    problem: undefined,
    isLost: false,
  });
  const reload = async (): Promise<T | undefined> => {
    const result = await call<T>(path);
    if (result.ok)
      state.value = {
        data: result.value,
        loadedAtMs: nowMs.value,
        problem: undefined,
        isLost: false,
      };
    else if (result.kind === 'offline') state.value = { ...state.value, isLost: true };
    else state.value = { ...state.value, problem: result.problem, isLost: false };
    return result.ok ? result.value : undefined;
  };
  useEffect(() => {
    void reload();
    const again = (): void => void reload();
    addEventListener('online', again);
    return () => removeEventListener('online', again);
  }, [path, language.value]);
  return { state, reload };
}
