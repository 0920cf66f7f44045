import { signal } from '@preact/signals';

/** The reader's language. Bahasa Indonesia first. */
export type Language = 'id' | 'en';

/** Every language, the first one first. */
export const LANGUAGES = ['id', 'en'] as const satisfies readonly Language[];

const COOKIE = 'pulih_language';
const YEAR_S = 31_536_000;

/** The language shown now. Before sign-in it comes from a cookie that the server reads too; afterwards from the customer. */
export const language = signal<Language>(readCookie());

/** Shows another language and remembers it on this device; the caller tells the server, which keeps it with the person. */
export function showLanguage(next: Language): void {
  language.value = next;
  document.documentElement.lang = next;
  document.cookie = `${COOKIE}=${next}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax`;
}

/** Ties a dictionary to the reader: `const w = words(APP_WORDS)` inside a component, then `w.signIn`. Both languages have the
 * same keys by type; a test also compares them at run time. */
export function words<Dictionary>(
  dictionaries: Readonly<Record<Language, Dictionary>>,
): Dictionary {
  return dictionaries[language.value];
}

function readCookie(): Language {
  if (typeof document === 'undefined') return 'id';
  const found = /(?:^|; )pulih_language=(id|en)/.exec(document.cookie)?.[1];
  return found === 'en' ? 'en' : 'id';
}
