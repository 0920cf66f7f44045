import { showMoney, type WireAmount } from './format.ts';

/** An amount in tabular numerals. `sign`: shows `+` or `−` before it, for lists. `isHidden`: dots, with the amount kept from
 * screen readers too. */
export function Money(props: {
  readonly amount: WireAmount | bigint;
  readonly sign?: '+' | '−';
  readonly isHidden?: boolean;
  readonly hiddenLabel?: string;
}) {
  if (props.isHidden) {
    return (
      <span class="money">
        <span aria-hidden="true">Rp ••••••</span>
        <span class="for-ears">{props.hiddenLabel}</span>
      </span>
    );
  }
  return <span class="money">{(props.sign ?? '') + showMoney(props.amount)}</span>;
}
