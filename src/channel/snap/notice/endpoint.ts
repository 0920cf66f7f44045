/** Where a partner takes notices: registered by two people, ended by one. The secret of its HMAC is sealed for its row alone. */
import { recordEvents } from '../../../audit/record.ts';
import type { Transactor } from '../../../db/pool.ts';
import { newId } from '../../../kernel/ids.ts';
import type { Random } from '../../../kernel/random.ts';
import type { Time } from '../../../kernel/time.ts';
import type { NoticeEndpoint } from './wire.ts';
import type { Sealer } from '../partner/seal.ts';
import { insertEndpoint, updateEndpointEnd } from './store.ts';

interface EndpointContext {
  readonly db: Transactor;
  readonly time: Time;
  readonly random: Random;
  readonly sealer: Sealer;
}

/** Registers where a partner takes notices. Needs a database role that may write it; two people vouch (I5). */
export async function registerEndpoint(
  context: EndpointContext,
  input: {
    readonly partnerId: string;
    readonly baseUrl: string;
    readonly clientId: string;
    readonly channelId: string;
    /** Of the symmetric signature; absent: asymmetric. */
    readonly secret?: string;
    readonly proposedBy: string;
    readonly approvedBy: string;
  },
): Promise<void> {
  const nowMs = context.time.now();
  const id = newId('pep', nowMs, context.random);
  await context.db.tx(async (tx) => {
    const isNew = await insertEndpoint(tx, {
      id,
      partnerId: input.partnerId,
      base_url: input.baseUrl,
      signature: input.secret === undefined ? 'asymmetric' : 'symmetric',
      client_id: input.clientId,
      channel_id: input.channelId,
      secret:
        input.secret === undefined
          ? null
          : context.sealer.seal({ text: input.secret, bound: boundOf(id) }),
      proposedBy: input.proposedBy,
      approvedBy: input.approvedBy,
      now: new Date(nowMs),
    });
    if (!isNew) return;
    const { partnerId, proposedBy, approvedBy } = input;
    await recordEvents(tx, [
      {
        atMs: nowMs,
        kind: 'partner_endpoint.registered',
        subject: id,
        data: { partnerId, proposedBy, approvedBy },
      },
    ]);
  });
}

/** Ends a partner's endpoint; one person is enough. Notices that wait go to the next one, or to a person after 24 hours. False when
 * there was none. */
export async function endEndpoint(
  context: Pick<EndpointContext, 'db' | 'time'>,
  input: { readonly partnerId: string; readonly by: string },
): Promise<boolean> {
  const atMs = context.time.now();
  const { partnerId, by } = input;
  return context.db.tx(async (tx) => {
    const id = await updateEndpointEnd(tx, { partnerId, now: new Date(atMs) });
    if (id === undefined) return false;
    await recordEvents(tx, [
      { atMs, kind: 'partner_endpoint.ended', subject: id, data: { partnerId, by } },
    ]);
    return true;
  });
}

/** The secret of an endpoint; undefined when it has none, or what the database holds is not what was sealed for it. */
export function openSecret(
  sealer: Sealer,
  endpoint: Pick<NoticeEndpoint, 'id' | 'secret'>,
): string | undefined {
  const { id, secret: sealed } = endpoint;
  return sealed === null ? undefined : sealer.open({ sealed, bound: boundOf(id) });
}

/** What an endpoint's secret belongs to. */
function boundOf(id: string): string {
  return `partner_endpoint|${id}`;
}
