import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { IconButton } from '../ui/button.tsx';
import { words } from '../ui/language.ts';
import { go } from '../ui/router.ts';
import { session } from './session.ts';
import { APP_WORDS } from './words.ts';

/** The heading of a screen, with a way back where it is not a tab. Also names the window. */
export function ScreenHead(props: {
  readonly title: string;
  readonly backTo?: string;
  readonly children?: ComponentChildren;
}) {
  const w = words(APP_WORDS);
  useEffect(() => {
    document.title = `${props.title} · ${session.value?.bankName ?? ''}`;
  }, [props.title]);
  return (
    <header class="screen-head">
      {props.backTo !== undefined && (
        <IconButton icon="back" label={w.back} onPress={() => go(props.backTo ?? '/')} />
      )}
      <h1>{props.title}</h1>
      {props.children}
    </header>
  );
}
