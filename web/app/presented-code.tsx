import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { showClock, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { PRESENTED_WORDS } from './presented-words.ts';
import type { PresentedMade } from './wire.ts';

/** Light squares around the code: ISO/IEC 18004 wants four. */
const BORDER = 4;
/** When a screen reader hears how long it is still good. */
const TOLD_AT_SECONDS = [60, 30, 10];

/** The code as a picture with its limit and the time left. `left` in whole seconds. */
export function PresentedCode(props: { readonly made: PresentedMade; readonly left: number }) {
  const w = words(PRESENTED_WORDS);
  const { made, left } = props;
  const share = Math.max(0, Math.min(1, (left * 1_000) / (made.validUntilMs - made.nowMs)));
  const limit = showMoney(made.limit);
  return (
    <figure class="shown-code">
      <Squares payload={made.payload} label={w.codeLabel(limit, showClock(made.validUntilMs))} />
      <figcaption>
        {w.upTo} <span class="shown-limit">{limit}</span>
      </figcaption>
      <div class="shown-left" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <span class="shown-left-text" role="timer" aria-live="off">
        {w.left(left)}
      </span>
      <span class="shown-said" role="status">
        {TOLD_AT_SECONDS.includes(left) ? w.left(left) : ''}
      </span>
    </figure>
  );
}

/** The squares, drawn here: what the code holds never travels a second time. */
export function Squares(props: { readonly payload: string; readonly label: string }) {
  const path = useSignal<{ readonly d: string; readonly size: number } | undefined>(undefined);
  useEffect(() => {
    let isGone = false;
    void import('qr').then(({ encodeQR }) => {
      if (isGone) return;
      const rows = encodeQR(props.payload, 'raw', { ecc: 'medium', border: BORDER });
      const d = rows
        .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
        .join('');
      path.value = { d, size: rows.length };
    });
    return () => void (isGone = true);
  }, [props.payload]);
  const drawn = path.value;
  return (
    <svg
      role="img"
      aria-label={props.label}
      viewBox={`0 0 ${drawn?.size ?? 1} ${drawn?.size ?? 1}`}
      shape-rendering="crispEdges"
    >
      <path d={drawn?.d ?? ''} fill="#000" />
    </svg>
  );
}
