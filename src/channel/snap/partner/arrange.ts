/** Reads how an arrangement stands and writes its change, inside the transaction of a partner's signed change (`change.ts`), with the
 * partner's row locked. Every slice writes its own rows and events. */
import { endMerchant, registerMerchant } from '../../../direct-debit/make.ts';
import { selectLastMerchant } from '../../../direct-debit/store.ts';
import { joined, type Queryable, type Tx } from '../../../db/pool.ts';
import { equalSecret } from '../../../kernel/canonical.ts';
import { isDeposit } from '../../../ledger/store-account.ts';
import { assignMerchant, releaseMerchant } from '../../../merchant/assign.ts';
import { selectMerchant, selectMerchantIds } from '../../../merchant/store.ts';
import {
  endChannel,
  endService,
  registerChannel,
  registerService,
} from '../../../virtual-account/make.ts';
import { selectChannel, selectServiceId, selectServices } from '../../../virtual-account/store.ts';
import { bindAccount, endBinding, endRedirectUrl, registerRedirect } from '../../grant/bind.ts';
import { selectBound, selectPartnerAccount, selectRedirect } from '../../grant/store.ts';
import {
  decideArrangement,
  isArrangement,
  type Arrangement,
  type ArrangementChange,
  type ArrangementRefusal,
  type EndedArrangement,
  type EndpointArrangement,
  type Standing,
} from './arrangement.ts';
import { endEndpoint, openSecret, registerEndpoint } from '../notice/endpoint.ts';
import type { KeyWriter } from './partner.ts';
import { selectLastEndpoint } from '../notice/store.ts';

type ArrangeContext = Pick<KeyWriter, 'time' | 'random' | 'sealer'>;

interface Asked {
  readonly tx: Tx;
  readonly partnerId: string;
  readonly change: ArrangementChange;
}

/** What a change comes to, before anybody signs. Throws DbFault. */
export async function examineArrangement(
  context: ArrangeContext,
  { tx, partnerId, change }: Asked,
): Promise<'write' | 'nothing' | ArrangementRefusal> {
  if (change.kind === 'end')
    return decideArrangement(
      change,
      await readStanding(context, { tx, partnerId, wanted: change.ended }),
    );
  const { arrangement } = change;
  if (!isArrangement(arrangement, context.time.now())) return 'bad_arrangement';
  if (arrangement.what === 'merchant' && !(await selectMerchant(tx, arrangement.merchantId)))
    return 'no_merchant';
  if ('account' in arrangement && !(await isDeposit(tx, arrangement.account))) return 'no_account';
  const standing = await readStanding(context, { tx, partnerId, wanted: arrangement });
  return decideArrangement(change, standing);
}

interface People {
  readonly by: string;
  /** Absent only for an ending. */
  readonly second: string | undefined;
}

/** Writes a change that is to be written; false when somebody else was faster. Throws DbFault. */
export async function writeArrangement(
  context: ArrangeContext,
  { tx, partnerId, change, by, second }: Asked & People,
): Promise<boolean> {
  const within = { ...context, db: joined(tx) };
  if (change.kind === 'end') return end(within, { partnerId, by, ended: change.ended });
  // Arranging always loosens, and what loosens has a second person; the rows themselves refuse one alone.
  const people = { partnerId, proposedBy: by, approvedBy: second ?? by };
  const { arrangement } = change;
  switch (arrangement.what) {
    case 'account':
      await bindAccount(within, { ...people, ...arrangement });
      return true;
    case 'redirect':
      await registerRedirect(within, { ...people, ...arrangement });
      return true;
    case 'endpoint':
      await registerEndpoint(within, { ...people, ...arrangement });
      return true;
    case 'vaService':
      return registerService(within, { ...people, ...arrangement });
    case 'vaChannel':
      return registerChannel(within, { ...people, ...arrangement });
    case 'debit':
      await registerMerchant(within, { ...people, ...arrangement });
      return true;
    case 'merchant':
      return assignMerchant(within, { ...people, ...arrangement });
  }
}

function end(
  within: ArrangeContext & { readonly db: ReturnType<typeof joined> },
  input: { readonly partnerId: string; readonly by: string; readonly ended: EndedArrangement },
): Promise<boolean> {
  const { ended, ...who } = input;
  switch (ended.what) {
    case 'account':
      return endBinding(within, { ...who, ...ended });
    case 'redirect':
      return endRedirectUrl(within, { ...who, ...ended });
    case 'endpoint':
      return endEndpoint(within, who);
    case 'vaService':
      return endService(within, { ...who, ...ended });
    case 'vaChannel':
      return endChannel(within, who);
    case 'debit':
      return endMerchant(within, who);
    case 'merchant':
      return releaseMerchant(within, { ...who, ...ended });
  }
}

interface Wanted {
  readonly tx: Tx;
  readonly partnerId: string;
  readonly wanted: Arrangement | EndedArrangement;
}

async function readStanding(
  context: ArrangeContext,
  { tx, partnerId, wanted }: Wanted,
): Promise<Standing | undefined> {
  const own = (
    row: { readonly ended_at: Date | null } | undefined,
    isSame: boolean,
  ): Standing | undefined => row && { isOwn: true, isLive: row.ended_at === null, isSame };
  const account = 'account' in wanted ? wanted.account : undefined;
  switch (wanted.what) {
    case 'account': {
      const row = await selectPartnerAccount(tx, { ...wanted, partnerId });
      const untilMs = 'validUntilMs' in wanted ? wanted.validUntilMs : undefined;
      return own(row, row?.valid_until?.getTime() === untilMs);
    }
    case 'redirect':
      return own(await selectRedirect(tx, { ...wanted, partnerId }), true);
    case 'endpoint': {
      const row = await selectLastEndpoint(tx, partnerId);
      return own(
        row,
        row !== undefined && 'baseUrl' in wanted && isSameEndpoint(context, { row, wanted }),
      );
    }
    case 'vaService': {
      const row = await selectServiceId(tx, wanted.serviceId);
      const standing = own(row, row?.account === account);
      return standing && { ...standing, isOwn: row?.partner_id === partnerId };
    }
    case 'vaChannel': {
      const row = await selectChannel(tx, partnerId);
      return own(row, row?.account === account);
    }
    case 'debit': {
      const row = await selectLastMerchant(tx, partnerId);
      return own(row, row?.account === account);
    }
    case 'merchant': {
      const holder = (await selectMerchant(tx, wanted.merchantId))?.partnerId;
      // Whose it was before stands in the events only: to whom nobody makes codes, nothing stands.
      return holder === undefined
        ? undefined
        : { isLive: true, isOwn: holder === partnerId, isSame: true };
    }
  }
}

function isSameEndpoint(
  { sealer }: ArrangeContext,
  input: {
    readonly row: NonNullable<Awaited<ReturnType<typeof selectLastEndpoint>>>;
    readonly wanted: EndpointArrangement;
  },
): boolean {
  const { row, wanted } = input;
  const secret = openSecret(sealer, row);
  const isSameSecret =
    wanted.secret === undefined
      ? row.secret === null
      : secret !== undefined && equalSecret(secret, wanted.secret);
  return (
    isSameSecret &&
    row.base_url === wanted.baseUrl &&
    row.client_id === wanted.clientId &&
    row.channel_id === wanted.channelId
  );
}

/** All that is arranged with a partner and live, for its list; never a secret. */
export async function readArrangements(
  db: Queryable,
  partnerId: string,
): Promise<{
  readonly accounts: readonly { readonly account: string; readonly until: string }[];
  readonly redirects: readonly string[];
  readonly endpoint: {
    readonly url: string;
    readonly signature: string;
    readonly clientId: string;
    readonly channelId: string;
  } | null;
  readonly vaServices: readonly { readonly serviceId: string; readonly account: string }[];
  readonly vaChannel: string | null;
  readonly debit: string | null;
  readonly merchants: readonly string[];
}> {
  const bound = await selectBound(db, partnerId);
  const endpoint = await selectLastEndpoint(db, partnerId);
  const services = await selectServices(db, partnerId);
  const channel = await selectChannel(db, partnerId);
  const debit = await selectLastMerchant(db, partnerId);
  const live = (row: { account: string; ended_at: Date | null } | undefined): string | null =>
    row && row.ended_at === null ? row.account : null;
  return {
    accounts: bound.accounts.map(({ account, valid_until: until }) => ({
      account,
      until: until?.toISOString() ?? '',
    })),
    redirects: bound.redirects,
    endpoint:
      endpoint && endpoint.ended_at === null
        ? {
            url: endpoint.base_url,
            signature: endpoint.signature,
            clientId: endpoint.client_id,
            channelId: endpoint.channel_id,
          }
        : null,
    vaServices: services.map(({ service_id: serviceId, account }) => ({ serviceId, account })),
    vaChannel: live(channel),
    debit: live(debit),
    merchants: await selectMerchantIds(db, partnerId),
  };
}
