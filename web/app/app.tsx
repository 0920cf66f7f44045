/** The shell: which screen the address names, the four tabs, and what is said when no answer arrives. */
import { useEffect } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { words } from '../ui/language.ts';
import { Logo } from '../ui/logo.tsx';
import { go, path, route } from '../ui/router.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { Toaster } from '../ui/toast.tsx';
import { CardsScreen } from './cards.tsx';
import { BulkDetailScreen } from './bulk-detail.tsx';
import { BulkListScreen } from './bulk-list.tsx';
import { BillScreen, BillsScreen } from './bills.tsx';
import { HistoryScreen } from './history.tsx';
import { HomeScreen } from './home.tsx';
import { inFlight } from './in-flight.ts';
import { LostScreen } from './lost.tsx';
import { MessagesScreen } from './messages.tsx';
import { MoreScreen } from './more.tsx';
import { PaymentScreen } from './payment.tsx';
import { PresentedScreen } from './presented.tsx';
import { ProxyListScreen } from './proxy-list.tsx';
import { QrisScreen } from './qris.tsx';
import { ReceiveScreen } from './receive.tsx';
import { isOffline, loadSession, session } from './session.ts';
import { ShopScreen } from './shop.tsx';
import { SignInScreen } from './sign-in.tsx';
import { StandingDetailScreen } from './standing-detail.tsx';
import { StandingListScreen } from './standing-list.tsx';
import { StatementScreen } from './statement.tsx';
import { ThirdPartyAskScreen } from './third-party-ask.tsx';
import { ThirdPartyListScreen } from './third-party-list.tsx';
import { TransferScreen } from './transfer.tsx';
import { APP_WORDS, type AppWords } from './words.ts';

const TABS: readonly {
  readonly to: string;
  readonly icon: IconName;
  readonly word: 'tabHome' | 'tabQris' | 'tabHistory' | 'tabMore';
}[] = [
  { to: '', icon: 'home', word: 'tabHome' },
  { to: 'qris', icon: 'qris', word: 'tabQris' },
  { to: 'history', icon: 'history', word: 'tabHistory' },
  { to: 'more', icon: 'more', word: 'tabMore' },
];

/** The whole app. */
export function App() {
  const w = words(APP_WORDS);
  useEffect(() => {
    // The page is read from its heading on after each step, as after a page load; a field that took the focus itself keeps it.
    const heading = document.querySelector<HTMLElement>('main h1');
    if (!heading || document.activeElement?.matches('main input')) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
  }, [path.value, session.value?.customer !== undefined]);
  useEffect(() => {
    if (session.value?.customer && inFlight.value && route.value[0] !== 'lost')
      go('/lost', { replace: true });
  }, [session.value]);
  if (!session.value) return <Starting w={w} />;
  if (!session.value.customer)
    return (
      <>
        <OfflineBar w={w} />
        <SignInScreen />
        <Toaster />
      </>
    );
  return (
    <div class="shell">
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('main')?.focus();
        }}
      >
        {w.skip}
      </a>
      <Tabs w={w} bankName={session.value.bankName} />
      <div class="page">
        <OfflineBar w={w} />
        <main id="main" tabIndex={-1}>
          {screen()}
        </main>
      </div>
      <Toaster />
    </div>
  );
}

function screen() {
  const [first, second] = route.value;
  switch (first) {
    case undefined:
      return <HomeScreen />;
    case 'transfer':
      return <TransferScreen step={second === 'amount' ? 'amount' : 'payee'} />;
    case 'bills':
      return second === undefined ? <BillsScreen /> : <BillScreen key={second} code={second} />;
    case 'lost':
      return <LostScreen />;
    case 'payment':
      return <PaymentScreen key={second} id={second ?? ''} />;
    case 'standing':
      return second === undefined ? (
        <StandingListScreen />
      ) : (
        <StandingDetailScreen key={second} id={second} />
      );
    case 'bulk':
      return second === undefined ? (
        <BulkListScreen />
      ) : (
        <BulkDetailScreen key={second} id={second} />
      );
    case 'cards':
      return <CardsScreen />;
    case 'shop':
      return <ShopScreen />;
    case 'third-party':
      return second === 'ask' ? <ThirdPartyAskScreen key={path.value} /> : <ThirdPartyListScreen />;
    case 'proxies':
      return <ProxyListScreen />;
    case 'history':
      return <HistoryScreen />;
    case 'statement':
      return <StatementScreen key={second} number={second ?? ''} />;
    case 'qris':
      if (second === 'receive') return <ReceiveScreen />;
      return second === 'show' ? <PresentedScreen /> : <QrisScreen />;
    case 'messages':
      return <MessagesScreen />;
    case 'more':
      return <MoreScreen />;
    default:
      return <HomeScreen />;
  }
}

function Tabs(props: { readonly w: AppWords; readonly bankName: string }) {
  const here = route.value[0] ?? '';
  const current =
    here === 'payment'
      ? 'history'
      : here === 'messages' ||
          here === 'standing' ||
          here === 'bulk' ||
          here === 'third-party' ||
          here === 'proxies' ||
          here === 'shop' ||
          here === 'cards'
        ? 'more'
        : TABS.some((tab) => tab.to === here)
          ? here
          : '';
  return (
    <nav class="tabs" aria-label={props.w.navigation}>
      <span class="tabs-brand">
        <Logo size={28} />
        {props.bankName}
      </span>
      {TABS.map((tab) => (
        <a
          key={tab.to}
          href={`#/${tab.to}`}
          class="tab"
          aria-current={current === tab.to ? 'page' : undefined}
        >
          <span class="tab-icon">
            <Icon name={tab.icon} />
          </span>
          {props.w[tab.word]}
        </a>
      ))}
    </nav>
  );
}

function OfflineBar(props: { readonly w: AppWords }) {
  return (
    <div role="status">
      {isOffline.value && (
        <p class="offline">
          <Icon name="wifiOff" size={18} />
          <span>
            <b>{props.w.offlineTitle}</b> {props.w.offlineNone}
          </span>
        </p>
      )}
    </div>
  );
}

function Starting(props: { readonly w: AppWords }) {
  if (!isOffline.value)
    return (
      <div class="starting">
        <Skeleton lines={3} height={20} />
      </div>
    );
  return (
    <EmptyState
      icon="wifiOff"
      title={props.w.offlineTitle}
      action={<Button onPress={() => void loadSession()}>{props.w.retry}</Button>}
    >
      {props.w.notLoadedWhy}
    </EmptyState>
  );
}
