import { LANGUAGES, language, words } from '../ui/language.ts';
import { changeLanguage } from './session.ts';
import { APP_WORDS } from './words.ts';

const NAMES = { id: 'Bahasa Indonesia', en: 'English' } as const;

/** Two buttons, one pressed. Each language is named in itself. */
export function LanguageSwitch(props: { readonly isLong?: boolean }) {
  return (
    <div class="segments" role="group" aria-label={words(APP_WORDS).language}>
      {LANGUAGES.map((each) => (
        <button
          key={each}
          type="button"
          lang={each}
          aria-label={NAMES[each]}
          aria-pressed={language.value === each}
          onClick={() => void changeLanguage(each)}
        >
          {props.isLong ? NAMES[each] : each.toUpperCase()}
        </button>
      ))}
    </div>
  );
}
