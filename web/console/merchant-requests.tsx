/** What staff asked about merchants, with what the second person must compare; and the codes that spoke against themselves. */
import { useState } from 'preact/hooks';
import { Button } from '../ui/button.tsx';
import { words } from '../ui/language.ts';
import { Money } from '../ui/money.tsx';
import { Time } from '../ui/time.tsx';
import { showToast } from '../ui/toast.tsx';
import { tellSaid } from './merchant-acts.tsx';
import { MERCHANT_WORDS } from './merchant-words.ts';
import { REQUEST_WORDS } from './merchant-request-words.ts';
import type { MerchantRequest, MerchantRequests, MerchantWarning } from './shape.ts';
import { refusalText, SignDialog } from './sign-dialog.tsx';
import { api, useFeed } from './state.ts';

/** The panel of requests. */
export function Requests({
  value,
  onChange,
}: {
  readonly value: MerchantRequests;
  readonly onChange: () => void;
}) {
  const w = words(REQUEST_WORDS);
  const [chosen, setChosen] = useState<MerchantRequest | undefined>(undefined);
  const isWaiting = (one: MerchantRequest): boolean => one.decision === null || one.isStuck;
  const waiting = value.requests.filter(isWaiting);
  const past = value.requests.filter((one) => !isWaiting(one));
  const withdraw = async (id: string): Promise<void> => {
    const answer = await api(`/merchant-requests/${id}/withdraw`, { body: {} });
    if (answer.ok) tellSaid(answer.value);
    else showToast(refusalText(answer));
    onChange();
  };
  return (
    <section class="panel" aria-labelledby="merchant-requests">
      <h2 id="merchant-requests">
        {w.requests} ({waiting.length})
      </h2>
      {waiting.length === 0 && <p class="soft">{w.none}</p>}
      <ul class="cards">
        {waiting.map((one) => (
          <li key={one.id} class="card">
            <RequestFacts one={one} />
            {one.isStuck && <p class="own">{w.stuck}</p>}
            {one.isYours && !one.isStuck && <p class="own">{w.waitsForOther}</p>}
            {value.mayApprove && (!one.isYours || one.isStuck) && (
              <Button onPress={() => setChosen(one)}>{one.isStuck ? w.again : w.approve}</Button>
            )}
            {one.isYours && !one.isStuck && (
              <Button kind="quiet" onPress={() => void withdraw(one.id)}>
                {w.withdraw}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {past.length > 0 && (
        <details>
          <summary>{w.past(past.length)}</summary>
          <ul class="cards">
            {past.map((one) => (
              <li key={one.id} class="card">
                <RequestFacts one={one} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {chosen && (
        <SignDialog
          title={chosen.isStuck ? w.again : w.approve}
          path={`/merchant-requests/${chosen.id}/approve`}
          body={{}}
          onClose={() => setChosen(undefined)}
          onDone={(answer) => {
            tellSaid(answer);
            onChange();
          }}
        >
          <RequestFacts one={chosen} />
        </SignDialog>
      )}
    </section>
  );
}

function RequestFacts({ one }: { readonly one: MerchantRequest }) {
  const w = words(REQUEST_WORDS);
  const m = words(MERCHANT_WORDS);
  const { opens } = one;
  const end = one.refusal === null ? (one.decision ?? undefined) : 'refused';
  const facts: readonly (readonly [string, string | null | undefined])[] = [
    ['NMID', opens?.nmid],
    [m.place, opens && `${opens.city} ${opens.postalCode}`],
    [m.merchantClass, opens && (m.classes[opens.merchantClass] ?? opens.merchantClass)],
    [m.category, opens?.category],
    [m.account, opens?.settlementAccount],
    [w.terminals, opens?.terminals.join(', ')],
    [w.sale, one.saleId],
    [w.reason, one.reason],
  ];
  return (
    <>
      <header>
        <strong>
          {w.kinds[one.kind] ?? one.kind} · {one.name}
          {one.amountSen !== null && (
            <>
              {' · '}
              <Money amount={BigInt(one.amountSen)} />
            </>
          )}
        </strong>
        {end !== undefined && <span class="soft">{w.ends[end]}</span>}
      </header>
      <dl class="facts">
        {facts.map(
          ([name, text]) =>
            text && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{text}</dd>
              </div>
            ),
        )}
        <div>
          <dt>{w.askedBy}</dt>
          <dd>
            {one.askedBy} · <Time atMs={one.askedAtMs} />
          </dd>
        </div>
        {one.decidedBy !== null && (
          <div>
            <dt>{w.decidedBy}</dt>
            <dd>{one.decidedBy}</dd>
          </div>
        )}
      </dl>
    </>
  );
}

/** Codes that somebody may have pasted over a merchant's own: of one merchant, or of all. */
export function Warnings({ merchantId }: { readonly merchantId?: string }) {
  const w = words(REQUEST_WORDS);
  const { value } = useFeed<{ readonly warnings: readonly MerchantWarning[] }>(
    merchantId === undefined ? '/merchant-warnings' : `/merchant-warnings?merchant=${merchantId}`,
  );
  if (!value) return null;
  return (
    <section class="panel" aria-labelledby="merchant-warnings">
      <h2 id="merchant-warnings">
        {w.warnings} ({value.warnings.length})
      </h2>
      <p class="soft">{value.warnings.length === 0 ? w.noWarnings : w.warningsLead}</p>
      {value.warnings.length > 0 && (
        <div class="table-box" tabIndex={0} role="region" aria-labelledby="merchant-warnings">
          <table class="board">
            <thead>
              <tr>
                <th scope="col">{w.what}</th>
                <th scope="col">{w.when}</th>
                <th scope="col">{w.merchant}</th>
                <th scope="col">NMID</th>
                <th scope="col">{w.acquirer}</th>
                <th scope="col">{w.scanner}</th>
              </tr>
            </thead>
            <tbody>
              {value.warnings.map((one) => (
                <tr key={`${one.seenAtMs}${one.scannedBy}${one.nmid ?? ''}`}>
                  <th scope="row">
                    {one.warnings.map((code) => w.codes[code] ?? code).join(', ')}
                  </th>
                  <td data-label={w.when}>
                    <Time atMs={one.seenAtMs} />
                  </td>
                  <td data-label={w.merchant}>
                    {one.merchantId === null ? (
                      w.unknownMerchant
                    ) : (
                      <a href={`#/merchants/${one.merchantId}`}>{one.merchant}</a>
                    )}
                  </td>
                  <td class="mono" data-label="NMID">
                    {one.nmid ?? '–'}
                  </td>
                  <td class="mono" data-label={w.acquirer}>
                    {one.acquirer ?? '–'}
                  </td>
                  <td class="mono" data-label={w.scanner}>
                    {one.scannedBy.slice(0, 6)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
