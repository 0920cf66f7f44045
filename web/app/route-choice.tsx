/** The ways to another bank, side by side: the customer chooses, and agrees anew to what the choice costs. A closed way stays in sight
 * with its reason. */
import { amountSen, showMoney } from '../ui/format.ts';
import { words } from '../ui/language.ts';
import { draft, fill } from './draft.ts';
import type { Quote, RouteOption } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** True while the sheet still shows another way than the one just chosen: nobody may agree to that. */
export function isRouteStale({ route }: Quote): boolean {
  return draft.value.route !== undefined && route !== undefined && draft.value.route !== route;
}

/** Nothing where there is no choice. */
export function RouteChoice(props: { readonly quote: Quote; readonly onChosen: () => void }) {
  const w = words(APP_WORDS);
  const { route, routes = [] } = props.quote;
  if (routes.length < 2) return null;
  const choose = (option: RouteOption): void => {
    fill({ route: option.route });
    props.onChosen();
  };
  const chosen = draft.value.route ?? route;
  return (
    <div class="routes" role="radiogroup" aria-label={w.routeTitle}>
      <h3>{w.routeTitle}</h3>
      {routes.map((option) => (
        <button
          key={option.route}
          type="button"
          role="radio"
          class={option.isOpen ? 'route' : 'route route-closed'}
          aria-checked={option.route === chosen}
          aria-disabled={!option.isOpen}
          onClick={() => option.isOpen && choose(option)}
        >
          <span class="route-mark" aria-hidden="true" />
          <span class="route-text">
            <b>{option.name}</b>
            <span class="small">
              {w.fee} {amountSen(option.fee) === 0n ? w.free : showMoney(option.fee)}
              {option.limit && ` · ${w.routeLimit(showMoney(option.limit))}`}
            </span>
            {option.isOpen ? (
              <span class="small">
                {option.usual}
                {option.health && ` · ${option.health}`}
              </span>
            ) : (
              <span class="small">
                {option.refusal?.explanation?.title ?? option.refusal?.title}
              </span>
            )}
          </span>
        </button>
      ))}
    </div>
  );
}
