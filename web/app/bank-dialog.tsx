import { useSignal } from '@preact/signals';
import { Dialog } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { words } from '../ui/language.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { Time } from '../ui/time.tsx';
import type { Bank, Banks } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** Every participant, open or not: a closed or restricted one is there with its state, so that nobody wonders where it went. */
export function BankDialog(props: {
  readonly list: Banks;
  readonly isOpen: boolean;
  readonly onPick: (bank: Bank) => void;
  readonly onClose: () => void;
}) {
  const w = words(APP_WORDS);
  const search = useSignal('');
  const wanted = search.value.trim().toLowerCase();
  const { banks, heardAtMs, isOld } = props.list;
  const found = banks.filter((bank) =>
    `${bank.name} ${bank.shortName} ${bank.code}`.toLowerCase().includes(wanted),
  );
  return (
    <Dialog isOpen={props.isOpen} title={w.chooseBank} onClose={props.onClose}>
      <div class="stack">
        <Field
          label={w.searchBank}
          name="search"
          value={search.value}
          onInput={(value) => (search.value = value)}
        />
        {isOld && heardAtMs !== undefined && (
          <p class="small" role="status">
            {w.bankListOld} <Time atMs={heardAtMs} />
          </p>
        )}
        {found.length === 0 && <p class="small">{w.noBank}</p>}
        <ul class="rows rows-flush">
          {found.map((bank) => (
            <li key={bank.bic}>
              <button type="button" class="row" onClick={() => props.onPick(bank)}>
                <span class={`bank-mark${bank.isOurs ? ' bank-ours' : ''}`} aria-hidden="true">
                  {bank.isOurs ? 'P' : initials(bank)}
                </span>
                <span class="row-text">
                  <span class="row-name">{bank.name}</span>
                  {bank.explanation ? (
                    <StateMark
                      state={bank.explanation.state}
                      word={bank.explanation.word}
                      percent={bank.explanation.percent}
                    />
                  ) : !bank.isOpen ? (
                    <span class="row-time">
                      <StateMark state="limited" word={w.closedBank} />
                      {bank.closedSinceMs !== undefined && (
                        <>
                          {' '}
                          {w.closedSince} <Time atMs={bank.closedSinceMs} />
                        </>
                      )}
                    </span>
                  ) : (
                    bank.isOurs && <span class="row-time">{w.sameBank}</span>
                  )}
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}

/** What fits on a small square: the short name, or the first letters of the name. */
function initials(bank: Bank): string {
  return bank.shortName.length <= 4
    ? bank.shortName
    : bank.name
        .split(' ')
        .map((word) => word.slice(0, 1))
        .join('')
        .slice(0, 3);
}
