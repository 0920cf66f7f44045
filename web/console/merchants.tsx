/** The room "Pedagang": merchants found by text, and one of them with its codes, sales and what restricts it. URL = what is shown. */
import { useState } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { route } from '../ui/router.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { MerchantDetail } from './merchant-detail.tsx';
import { MerchantState } from './merchant-state.tsx';
import { OpenDialog } from './merchant-acts.tsx';
import { Requests, Warnings } from './merchant-requests.tsx';
import { REQUEST_WORDS } from './merchant-request-words.ts';
import { MERCHANT_WORDS } from './merchant-words.ts';
import type { MerchantRequests, MerchantRow } from './shape.ts';
import { Stale } from './stale.tsx';
import { useFeed } from './state.ts';

/** The room. */
export function MerchantRoom() {
  const id = route.value[1];
  return id === undefined ? <MerchantList /> : <MerchantDetail key={id} id={id} />;
}

function MerchantList() {
  const w = words(MERCHANT_WORDS);
  const [typed, setTyped] = useState('');
  const [text, setText] = useState('');
  const [after, setAfter] = useState('');
  const query = new URLSearchParams({ ...(text && { text }), ...(after && { after }) });
  const { value, isStale } = useFeed<{
    merchants: readonly MerchantRow[];
    hasMore: boolean;
  }>(`/merchants?${query.toString()}`);
  const requests = useFeed<MerchantRequests>('/merchant-requests');
  const [isOpening, setOpening] = useState(false);
  return (
    <>
      <p class="soft">{w.lead}</p>
      {requests.value?.mayAsk && (
        <div>
          <Button onPress={() => setOpening(true)}>{words(REQUEST_WORDS).open}</Button>
        </div>
      )}
      <form
        class="merchant-search"
        onSubmit={(event) => {
          event.preventDefault();
          setAfter('');
          setText(typed.trim());
        }}
      >
        <Field label={w.search} name="text" maxLength={25} value={typed} onInput={setTyped} />
        <Button type="submit" kind="quiet">
          {w.find}
        </Button>
      </form>
      <Stale isStale={isStale} />
      {!value ? (
        <Skeleton lines={6} />
      ) : value.merchants.length === 0 ? (
        <EmptyState icon="qris" title={w.none}>
          {w.noneText}
        </EmptyState>
      ) : (
        <MerchantTable merchants={value.merchants} />
      )}
      <div class="merchant-pages">
        {after !== '' && (
          <Button kind="quiet" onPress={() => setAfter('')}>
            {w.first}
          </Button>
        )}
        {value?.hasMore && (
          <Button kind="quiet" onPress={() => setAfter(value.merchants.at(-1)!.id)}>
            {w.more}
          </Button>
        )}
      </div>
      {requests.value && <Requests value={requests.value} onChange={requests.reload} />}
      <Warnings />
      {isOpening && <OpenDialog onClose={() => setOpening(false)} onDone={requests.reload} />}
    </>
  );
}

function MerchantTable({ merchants }: { readonly merchants: readonly MerchantRow[] }) {
  const w = words(MERCHANT_WORDS);
  return (
    <section class="table-box" tabIndex={0} role="region" aria-label={w.title}>
      <table class="board">
        <thead>
          <tr>
            <th scope="col">{w.name}</th>
            <th scope="col">NMID</th>
            <th scope="col">{w.merchantClass}</th>
            <th scope="col" class="number">
              {w.today}
            </th>
            <th scope="col" class="number">
              {w.pending}
            </th>
            <th scope="col">{w.state}</th>
          </tr>
        </thead>
        <tbody>
          {merchants.map((one) => (
            <tr key={one.id}>
              <th scope="row">
                <a href={`#/merchants/${one.id}`}>{one.name}</a>
                <br />
                <span class="soft">{one.city}</span>
              </th>
              <td class="mono" data-label="NMID">
                {one.nmid}
              </td>
              <td data-label={w.merchantClass}>
                {w.classes[one.merchantClass] ?? one.merchantClass}
              </td>
              <td class="number" data-label={w.today}>
                <Money amount={BigInt(one.today.amountSen)} />
                <br />
                <span class="soft">{w.payments(one.today.count)}</span>
              </td>
              <td class="number" data-label={w.pending}>
                <Money amount={BigInt(one.pendingSen)} />
              </td>
              <td data-label={w.state}>
                <MerchantState one={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
