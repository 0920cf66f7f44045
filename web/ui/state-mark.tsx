import { words } from './language.ts';
import { UI_WORDS } from './ui-words.ts';

/** The states of a service. The same shape, word and colour on every face, in charts and in PDF. */
export type ServiceState = 'normal' | 'watched' | 'limited' | 'stopped' | 'recovering' | 'unknown';

/** The shape alone: ● ◔ ◑ ■ ◕ ?, drawn, so that no font changes it. */
export function StateShape(props: { readonly state: ServiceState; readonly size?: number }) {
  const size = props.size ?? 12;
  return (
    <svg
      class={`shape state-${props.state}`}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      aria-hidden="true"
      focusable="false"
    >
      {shape(props.state)}
    </svg>
  );
}

/** Shape, word and colour of a state; `percent` belongs to recovering, `word` replaces the standard word. */
export function StateMark(props: {
  readonly state: ServiceState;
  readonly percent?: number | undefined;
  readonly word?: string | undefined;
}) {
  const word = props.word ?? words(UI_WORDS).state[props.state];
  const percent =
    props.state === 'recovering' && props.percent !== undefined ? ` ${props.percent} %` : '';
  return (
    <span class={`state-mark state-${props.state}`}>
      <StateShape state={props.state} />
      <span>{word + percent}</span>
    </span>
  );
}

function shape(state: ServiceState) {
  const ring = <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" stroke-width="1.6" />;
  switch (state) {
    case 'normal':
      return <circle cx="6" cy="6" r="5.6" fill="currentColor" />;
    case 'watched':
      return (
        <>
          {ring}
          <path d="M6 6V1a5 5 0 0 1 5 5z" fill="currentColor" />
        </>
      );
    case 'limited':
      return (
        <>
          {ring}
          <path d="M6 1a5 5 0 0 1 0 10z" fill="currentColor" />
        </>
      );
    case 'stopped':
      return <rect x="0.8" y="0.8" width="10.4" height="10.4" rx="1.6" fill="currentColor" />;
    case 'recovering':
      return (
        <>
          {ring}
          <path d="M6 6V1a5 5 0 1 1-5 5z" fill="currentColor" />
        </>
      );
    case 'unknown':
      return (
        <path
          d="M3.6 4.2a2.5 2.5 0 1 1 3.7 2.2c-.9.5-1.3.9-1.3 1.8M6 10.6v.1"
          fill="none"
          stroke="currentColor"
          stroke-width="1.7"
          stroke-linecap="round"
        />
      );
  }
}
