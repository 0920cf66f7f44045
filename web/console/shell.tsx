/** Sign-in and the frame: rooms on the left, the room on the right; on a phone the rooms lie below. URL = state. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { Button, IconButton } from '../ui/button.tsx';
import { startClock } from '../ui/clock.ts';
import { Field } from '../ui/field.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { language, showLanguage, words } from '../ui/language.ts';
import { route } from '../ui/router.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { chooseTheme, theme } from '../ui/theme.ts';
import { Toaster } from '../ui/toast.tsx';
import { BoardRoom } from './board.tsx';
import { DrillRoom, IncidentRoom } from './incidents.tsx';
import { LiquidityRoom } from './liquidity.tsx';
import { MatchRoom } from './match.tsx';
import { MerchantRoom } from './merchants.tsx';
import { RecoveryRoom } from './recovery.tsx';
import { RestrictionRoom } from './restrictions.tsx';
import { REVIEW_WORDS } from './review-words.ts';
import { ReviewRoom } from './reviews.tsx';
import { RiskRoom } from './risk.tsx';
import { api, enter, session, type StaffSession } from './state.ts';
import { CONSOLE_WORDS } from './words.ts';

const ROOMS = [
  'board',
  'match',
  'liquidity',
  'merchants',
  'restrictions',
  'reviews',
  'risk',
  'recovery',
  'incidents',
  'drills',
] as const;
type Room = (typeof ROOMS)[number];
const ROOM_ICONS: Readonly<Record<Room, IconName>> = {
  board: 'home',
  match: 'copy',
  liquidity: 'bank',
  merchants: 'qris',
  restrictions: 'shield',
  reviews: 'search',
  risk: 'eye',
  recovery: 'history',
  incidents: 'bell',
  drills: 'check',
};

/** The console. */
export function ConsoleApp() {
  useEffect(() => {
    startClock();
    void api<StaffSession>('/session').then((answer) => {
      if (answer.ok) enter(answer.value);
      else session.value = null;
    });
  }, []);
  if (session.value === undefined)
    return (
      <main class="signin">
        <Skeleton lines={4} />
      </main>
    );
  return session.value === null ? <SignIn /> : <Frame staff={session.value} />;
}

const form = signal({ username: '', password: '', isBusy: false, refusal: '' });

function SignIn() {
  const w = words(CONSOLE_WORDS);
  const submit = async (): Promise<void> => {
    const { username, password } = form.value;
    form.value = { ...form.value, isBusy: true, refusal: '' };
    const answer = await api<StaffSession>('/session', { body: { username, password } });
    if (answer.ok) {
      form.value = { username: '', password: '', isBusy: false, refusal: '' };
      enter(answer.value);
      return;
    }
    const refusal =
      answer.kind === 'offline'
        ? w.offline
        : `${answer.problem.detail ?? answer.problem.title} ${answer.problem.wayOut ?? ''}`;
    form.value = { ...form.value, isBusy: false, refusal };
  };
  return (
    <main class="signin">
      <div class="signin-card">
        <Brand />
        <h1>{w.title}</h1>
        <p class="soft">{w.signInLead}</p>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <Field
            label={w.username}
            name="username"
            autoComplete="username"
            value={form.value.username}
            onInput={(username) => (form.value = { ...form.value, username })}
            hasFocus
          />
          <Field
            label={w.password}
            name="password"
            type="password"
            autoComplete="current-password"
            value={form.value.password}
            onInput={(password) => (form.value = { ...form.value, password })}
          />
          {form.value.refusal && (
            <p class="refusal" role="alert">
              {form.value.refusal}
            </p>
          )}
          <Button type="submit" isWide isBusy={form.value.isBusy}>
            {w.signIn}
          </Button>
        </form>
        <Button kind="plain" onPress={() => showLanguage(language.value === 'id' ? 'en' : 'id')}>
          {w.language}
        </Button>
      </div>
    </main>
  );
}

function Brand() {
  return (
    <div class="brand">
      <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
        <path
          d="M4 18V4h7.2a4.8 4.8 0 0 1 0 9.6H4"
          fill="none"
          stroke="currentColor"
          stroke-width="2.6"
          stroke-linejoin="round"
        />
        <circle cx="17" cy="17" r="2.4" fill="currentColor" />
      </svg>
      <span>Pulih</span>
    </div>
  );
}

function Frame(props: { readonly staff: StaffSession }) {
  const w = words(CONSOLE_WORDS);
  const room = ROOMS.find((name) => name === route.value[0]) ?? 'board';
  // On a phone the rooms are a row that scrolls: the one that is open is in it to be seen.
  useEffect(() => {
    document
      .querySelector('.rooms [aria-current]')
      ?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [room]);
  const signOut = async (): Promise<void> => {
    await api('/session', { method: 'DELETE' });
    session.value = null;
  };
  const switchLanguage = (): void => {
    const next = language.value === 'id' ? 'en' : 'id';
    showLanguage(next);
    void api('/session/language', { method: 'PUT', body: { language: next } });
  };
  return (
    <div class="frame">
      <nav class="rooms" aria-label={w.title}>
        <Brand />
        <ul>
          {ROOMS.map((name) => (
            <li key={name}>
              <a href={`#/${name}`} aria-current={name === room ? 'page' : undefined}>
                <Icon name={ROOM_ICONS[name]} size={18} />
                <span>{w.rooms[name]}</span>
              </a>
            </li>
          ))}
        </ul>
        <div class="rooms-foot">
          <p class="who">
            <strong>{props.staff.name}</strong>
            <span>{w.roles[props.staff.role] ?? props.staff.role}</span>
          </p>
          <div class="rooms-tools">
            <IconButton icon="globe" label={w.language} onPress={switchLanguage} />
            <IconButton
              icon="moon"
              label={w.theme}
              onPress={() => chooseTheme(theme.value === 'dark' ? 'light' : 'dark')}
            />
            <IconButton icon="exit" label={w.signOut} onPress={() => void signOut()} />
          </div>
        </div>
      </nav>
      <main class="room" id="main">
        <h1>{room === 'reviews' ? words(REVIEW_WORDS).title : w.rooms[room]}</h1>
        {room === 'board' && <BoardRoom />}
        {room === 'match' && <MatchRoom />}
        {room === 'liquidity' && <LiquidityRoom />}
        {room === 'merchants' && <MerchantRoom />}
        {room === 'restrictions' && <RestrictionRoom />}
        {room === 'reviews' && <ReviewRoom />}
        {room === 'risk' && <RiskRoom />}
        {room === 'recovery' && <RecoveryRoom />}
        {room === 'incidents' && <IncidentRoom />}
        {room === 'drills' && <DrillRoom />}
      </main>
      <Toaster />
    </div>
  );
}
