/** Beranda: what one has, what works, what happened last. A restricted service is first and explained, never hidden. */
import { nowMs } from '../ui/clock.ts';
import { amountSen, showMoment, showMoney } from '../ui/format.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { IconButton } from '../ui/button.tsx';
import { language, words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { Notice } from '../ui/notice.tsx';
import { go } from '../ui/router.ts';
import { ServiceTile } from '../ui/service-tile.tsx';
import { isBalanceHidden } from './hidden.ts';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { PaymentRow } from './payment-row.tsx';
import { ScreenHead } from './screen-head.tsx';
import { session } from './session.ts';
import type { Account, Home, Service } from './wire.ts';
import { APP_WORDS, type AppWords } from './words.ts';

const HOUR_MS = 3_600_000;
const WIB_HOURS = 7;
const ICONS: Readonly<Record<Service['key'], IconName>> = {
  onus: 'bank',
  bifast_out: 'send',
  switch_out: 'send',
  bifast_in: 'incoming',
  bill: 'bill',
  qris: 'qris',
};

/** Where a service is used; a transfer where nothing else is said. */
const PLACES: Readonly<Partial<Record<Service['key'], string>>> = { qris: '/qris', bill: '/bills' };

/** The first tab. */
export function HomeScreen() {
  const w = words(APP_WORDS);
  const { state, reload } = useLoad<Home>('/home');
  const home = state.value.data;
  const firstName = (session.value?.customer?.name ?? '').split(' ')[0];
  return (
    <>
      <section class="hero">
        <div class="hero-top">
          <ScreenHead title={`${w.greeting(partOfDay())}, ${firstName}`} />
          <a
            class="icon-button bell"
            href="#/messages"
            aria-label={home?.unread ? `${w.messages}: ${w.unread(home.unread)}` : w.messages}
          >
            <Icon name="bell" />
            {!!home?.unread && (
              <span class="bell-count" aria-hidden="true">
                {home.unread > 9 ? '9+' : home.unread}
              </span>
            )}
          </a>
        </div>
        {home?.accounts.map((account) => (
          <AccountCard key={account.number} account={account} />
        ))}
        <div class="hero-actions">
          <a class="button button-deep" href="#/transfer">
            <Icon name="send" size={20} />
            <span>{w.transfer}</span>
          </a>
          {home?.accounts[0] && (
            <a class="button button-ghost" href={`#/statement/${home.accounts[0].number}`}>
              <Icon name="history" size={20} />
              <span>{w.statement}</span>
            </a>
          )}
        </div>
      </section>
      <div class="body">
        <StaleNotice state={state.value} />
        {home ? (
          <HomeBody home={home} />
        ) : (
          <NotLoaded state={state.value} onRetry={() => void reload()} />
        )}
      </div>
    </>
  );
}

function HomeBody(props: { readonly home: Home }) {
  const w = words(APP_WORDS);
  const { services, recent, restrictionsAtMs } = props.home;
  const touched = services.filter((service) => service.title !== undefined);
  const sorted = [...touched, ...services.filter((service) => service.title === undefined)];
  return (
    <>
      {touched.map((service) => (
        <Notice key={service.key} state={service.state} title={service.title ?? ''}>
          <p>{service.reason}</p>
        </Notice>
      ))}
      <section class="block" aria-labelledby="services">
        <h2 id="services">{w.services}</h2>
        <ul class="tiles">
          {sorted.map((service) => (
            <li key={service.key}>
              <ServiceTile
                name={service.name}
                icon={ICONS[service.key]}
                state={service.state}
                percent={service.percent}
                word={service.word}
                reason={lineOf(service, w)}
                alternative={service.alternative}
                nextUpdateAtMs={service.nextUpdateAtMs}
                onOpen={
                  service.key === 'bifast_in'
                    ? undefined
                    : () => go(PLACES[service.key] ?? '/transfer')
                }
              />
            </li>
          ))}
        </ul>
        <p class="small">
          {restrictionsAtMs > 0
            ? w.dataAge(
                showMoment({
                  atMs: props.home.nowMs,
                  nowMs: nowMs.value,
                  language: language.value,
                }),
              )
            : w.dataAgeNone}
        </p>
      </section>
      {recent.length > 0 && (
        <section class="block" aria-labelledby="recent">
          <div class="block-head">
            <h2 id="recent">{w.recent}</h2>
            <a href="#/history">{w.all}</a>
          </div>
          <ul class="rows">
            {recent.map((payment) => (
              <li key={payment.id}>
                <PaymentRow payment={payment} isDated />
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

/** The one line under a service's state: the notice above has said why. */
function lineOf(service: Service, w: AppWords): string | undefined {
  if (service.state === 'recovering') return service.isOpen ? w.openForYou : w.notYetForYou;
  return undefined;
}

function AccountCard(props: { readonly account: Account }) {
  const w = words(APP_WORDS);
  const { account } = props;
  return (
    <div class="balance">
      <p class="balance-label">{w.available}</p>
      <p class="balance-amount">
        <Money amount={account.available} isHidden={isBalanceHidden.value} hiddenLabel={w.hidden} />
        <IconButton
          icon={isBalanceHidden.value ? 'eye' : 'eyeOff'}
          label={isBalanceHidden.value ? w.show : w.hide}
          onPress={() => (isBalanceHidden.value = !isBalanceHidden.value)}
        />
      </p>
      <p class="balance-account">
        {w.account} {account.number}
      </p>
      {!isBalanceHidden.value && amountSen(account.held) > 0n && (
        <p class="balance-note">
          {showMoney(account.held)} {w.held}
        </p>
      )}
      {!isBalanceHidden.value && amountSen(account.pendingCredit) > 0n && (
        <p class="balance-note">
          {showMoney(account.pendingCredit)} {w.pendingIn}
        </p>
      )}
    </div>
  );
}

function partOfDay(): 'morning' | 'noon' | 'evening' | 'night' {
  const hour = (Math.floor(nowMs.value / HOUR_MS) + WIB_HOURS) % 24;
  if (hour >= 4 && hour < 11) return 'morning';
  if (hour >= 11 && hour < 15) return 'noon';
  return hour >= 15 && hour < 18 ? 'evening' : 'night';
}
