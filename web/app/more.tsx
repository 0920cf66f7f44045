import { Button } from '../ui/button.tsx';
import { nowMs } from '../ui/clock.ts';
import { showMoment } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { language, words } from '../ui/language.ts';
import { chooseTheme, theme, type Theme } from '../ui/theme.ts';
import { BULK_WORDS } from './bulk-words.ts';
import { CARD_WORDS } from './card-words.ts';
import { LanguageSwitch } from './language-switch.tsx';
import { useLoad } from './load.ts';
import { PROXY_WORDS } from './proxy-words.ts';
import { ScreenHead } from './screen-head.tsx';
import { session, signOut } from './session.ts';
import { SHOP_WORDS } from './shop-words.ts';
import { STANDING_WORDS } from './standing-words.ts';
import { THIRD_PARTY_WORDS } from './third-party-words.ts';
import type { BulkList } from './wire.ts';
import { APP_WORDS } from './words.ts';

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

/** Lainnya: cards, standing orders, third-party access, language, appearance, messages, sign-out. */
export function MoreScreen() {
  const w = words(APP_WORDS);
  const customer = session.value?.customer;
  const bulks = useLoad<BulkList>('/bulks').state.value.data;
  return (
    <div class="body">
      <ScreenHead title={w.moreTitle} />
      <section class="card person">
        <span class="avatar" aria-hidden="true">
          {(customer?.name ?? '').slice(0, 1)}
        </span>
        <p>
          <span class="small">{w.signedInAs}</span>
          <b>{customer?.name}</b>
        </p>
      </section>
      <ul class="rows">
        <li>
          <a class="row" href="#/cards">
            <span class="row-icon">
              <Icon name="card" size={20} />
            </span>
            <span class="row-text">
              <span class="row-name">{words(CARD_WORDS).listTitle}</span>
            </span>
            <Icon name="forward" size={18} />
          </a>
        </li>
        <li>
          <a class="row" href="#/shop">
            <span class="row-icon">
              <Icon name="qris" size={20} />
            </span>
            <span class="row-text">
              <span class="row-name">{words(SHOP_WORDS).title}</span>
            </span>
            <Icon name="forward" size={18} />
          </a>
        </li>
        <li>
          <a class="row" href="#/standing">
            <span class="row-icon">
              <Icon name="calendar" size={20} />
            </span>
            <span class="row-text">
              <span class="row-name">{words(STANDING_WORDS).listTitle}</span>
            </span>
            <Icon name="forward" size={18} />
          </a>
        </li>
        {bulks && (bulks.limits || bulks.bulks.length > 0) && (
          <li>
            <a class="row" href="#/bulk">
              <span class="row-icon">
                <Icon name="outgoing" size={20} />
              </span>
              <span class="row-text">
                <span class="row-name">{words(BULK_WORDS).listTitle}</span>
              </span>
              <Icon name="forward" size={18} />
            </a>
          </li>
        )}
        <li>
          <a class="row" href="#/third-party">
            <span class="row-icon">
              <Icon name="shield" size={20} />
            </span>
            <span class="row-text">
              <span class="row-name">{words(THIRD_PARTY_WORDS).title}</span>
            </span>
            <Icon name="forward" size={18} />
          </a>
        </li>
        <li>
          <a class="row" href="#/proxies">
            <span class="row-icon">
              <Icon name="send" size={20} />
            </span>
            <span class="row-text">
              <span class="row-name">{words(PROXY_WORDS).title}</span>
            </span>
            <Icon name="forward" size={18} />
          </a>
        </li>
        <li>
          <a class="row" href="#/messages">
            <span class="row-icon">
              <Icon name="bell" size={20} />
            </span>
            <span class="row-text">
              <span class="row-name">{w.messages}</span>
            </span>
            <Icon name="forward" size={18} />
          </a>
        </li>
      </ul>
      <section class="card choices">
        <div class="choice">
          <span class="choice-name">
            <Icon name="globe" size={20} />
            {w.language}
          </span>
          <LanguageSwitch isLong />
        </div>
        <div class="choice">
          <span class="choice-name">
            <Icon name="moon" size={20} />
            {w.theme}
          </span>
          <div class="segments" role="group" aria-label={w.theme}>
            {THEMES.map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={theme.value === each}
                onClick={() => chooseTheme(each)}
              >
                {w.themes[each]}
              </button>
            ))}
          </div>
        </div>
      </section>
      <Button kind="quiet" icon="exit" isWide onPress={() => void signOut()}>
        {w.signOut}
      </Button>
      {customer && (
        <p class="small centred">
          {w.sessionUntil(
            showMoment({
              atMs: customer.expiresAtMs,
              nowMs: nowMs.value,
              language: language.value,
            }),
          )}
        </p>
      )}
    </div>
  );
}
