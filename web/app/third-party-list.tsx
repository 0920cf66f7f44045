/** Akses pihak ketiga: who may see what, until when; each can be revoked at once. */
import { useSignal } from '@preact/signals';
import type { Problem } from '../ui/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { words } from '../ui/language.ts';
import { Notice } from '../ui/notice.tsx';
import { showToast } from '../ui/toast.tsx';
import { useLoad } from './load.ts';
import { NotLoaded, StaleNotice } from './not-loaded.tsx';
import { ScreenHead } from './screen-head.tsx';
import { call } from './session.ts';
import { THIRD_PARTY_WORDS } from './third-party-words.ts';
import type { AccessGrant, AccessGrants } from './wire.ts';
import { APP_WORDS } from './words.ts';

/** The list: what is live first, then what has ended. */
export function ThirdPartyListScreen() {
  const w = words(THIRD_PARTY_WORDS);
  const { state, reload } = useLoad<AccessGrants>('/third-parties');
  const asking = useSignal<AccessGrant | undefined>(undefined);
  const grants = state.value.data?.grants;
  const ended = grants?.filter((grant) => !grant.isLive) ?? [];
  return (
    <div class="body">
      <ScreenHead title={w.listTitle} backTo="/more" />
      <StaleNotice state={state.value} />
      {!grants ? (
        <NotLoaded state={state.value} onRetry={() => void reload()} />
      ) : grants.length === 0 ? (
        <EmptyState icon="shield" title={w.empty}>
          {w.emptyWhy}
        </EmptyState>
      ) : (
        <>
          {grants
            .filter((grant) => grant.isLive)
            .map((grant) => (
              <GrantCard key={grant.id} grant={grant} onRevoke={() => (asking.value = grant)} />
            ))}
          {ended.length > 0 && (
            <section class="block" aria-labelledby="ended">
              <h2 id="ended">{w.ended}</h2>
              <ul class="rows">
                {ended.map((grant) => (
                  <li key={grant.id}>
                    <div class="row">
                      <span class="row-lines">
                        <span class="row-name">{grant.partnerName}</span>
                        <span class="row-time">{grant.status}</span>
                      </span>
                    </div>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </>
      )}
      {asking.value && (
        <RevokeDialog
          grant={asking.value}
          onDone={() => {
            asking.value = undefined;
            void reload();
          }}
          onClose={() => (asking.value = undefined)}
        />
      )}
    </div>
  );
}

function GrantCard(props: { readonly grant: AccessGrant; readonly onRevoke: () => void }) {
  const w = words(THIRD_PARTY_WORDS);
  const { grant } = props;
  return (
    <section class="card stack">
      <h2 class="card-title">{grant.partnerName}</h2>
      <dl class="facts">
        <div>
          <dt>{w.may}</dt>
          <dd>
            {grant.may.map((line) => (
              <span key={line} class="line">
                {line}
              </span>
            ))}
          </dd>
        </div>
        <div>
          <dt>{words(APP_WORDS).account}</dt>
          <dd>{grant.accounts.join(', ')}</dd>
        </div>
        <div>
          <dt>{w.validity}</dt>
          <dd>{grant.status}</dd>
        </div>
      </dl>
      <Button kind="quiet" isWide onPress={props.onRevoke}>
        {w.revoke}
      </Button>
    </section>
  );
}

function RevokeDialog(props: {
  readonly grant: AccessGrant;
  readonly onDone: () => void;
  readonly onClose: () => void;
}) {
  const w = words(THIRD_PARTY_WORDS);
  const isBusy = useSignal(false);
  const problem = useSignal<Pick<Problem, 'title' | 'wayOut'> | undefined>(undefined);
  const revoke = async (): Promise<void> => {
    isBusy.value = true;
    problem.value = undefined;
    const result = await call(`/third-parties/${encodeURIComponent(props.grant.id)}/revoke`, {
      method: 'POST',
    });
    isBusy.value = false;
    if (result.ok) {
      showToast(w.revoked);
      return props.onDone();
    }
    const lost = words(APP_WORDS);
    problem.value =
      result.kind === 'offline'
        ? { title: lost.notLoaded, wayOut: lost.notLoadedWhy }
        : result.problem;
  };
  return (
    <Dialog
      isOpen
      title={w.revokeTitle(props.grant.partnerName)}
      isBusy={isBusy.value}
      onClose={props.onClose}
      footer={
        <>
          <Button isWide kind="danger" isBusy={isBusy.value} onPress={() => void revoke()}>
            {w.revoke}
          </Button>
          <Button kind="plain" isWide onPress={props.onClose}>
            {w.keep}
          </Button>
        </>
      }
    >
      <div class="stack">
        {problem.value && (
          <Notice state="unknown" title={problem.value.title} isUrgent>
            <p>{problem.value.wayOut}</p>
          </Notice>
        )}
        <p>{w.revokeWhy}</p>
      </div>
    </Dialog>
  );
}
