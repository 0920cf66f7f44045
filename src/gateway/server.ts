/** The gateway's inner side over mTLS: which peer may ask what, and in which shape the answer goes out. */
import { isRailName, type RailName } from '../authorisation/instruction.ts';
import { newId } from '../kernel/ids.ts';
import { jsonResponse, parseJson, type WireRequest, type WireResponse } from '../kernel/wire.ts';
import type { SignedSet } from '../gate/restriction.ts';
import { recordOf } from '../rail/gateway-wire.ts';
import { GATEWAY_PATH, railField } from '../rail/journal-entry.ts';
import type { GatewayContext } from './context.ts';
import { isCorePeer, isGuardPeer } from './decide.ts';
import type { RailHost } from './host.ts';
import { hasReleaseSince } from './latch.ts';
import type { Outgoing } from './outgoing.ts';
import { makeSendTogether } from './send-together.ts';
import type { Settlement } from './settlement.ts';

const PAGE_LIMIT_MAX = 1_000;

type Route = {
  readonly may: (peer: string) => boolean;
  readonly answer: (body: unknown, request: WireRequest) => Promise<WireResponse>;
};

/** Makes the handler of the gateway's own name. */
export function makeServer(
  context: GatewayContext,
  parts: {
    readonly outgoing: Outgoing;
    readonly hosts: ReadonlyMap<RailName, RailHost>;
    readonly settlements: ReadonlyMap<RailName, Settlement>;
  },
): (request: WireRequest) => Promise<WireResponse> {
  const { outgoing, hosts, settlements } = parts;
  const ok = (value: unknown): WireResponse => jsonResponse(200, value);
  const ofCore = (answer: (body: unknown) => Promise<unknown>): Route => ({
    may: isCorePeer,
    answer: async (body) => ok(await answer(body)),
  });
  const together = makeSendTogether(context, outgoing);
  const routes: Readonly<Record<string, Route>> = {
    [GATEWAY_PATH.send]: {
      // `decideSend` judges the peer itself, so that every knock is counted in one place.
      may: () => true,
      answer: async (body, request) => {
        const { instruction, token } = recordOf(body);
        const answer = await outgoing.send({
          peer: request.peer,
          fingerprint: request.fingerprint,
          instruction,
          token,
        });
        return jsonResponse(answer.outcome === 'refused' ? 403 : 200, answer);
      },
    },
    [GATEWAY_PATH.sendTogether]: { may: isCorePeer, answer: (_, request) => together(request) },
    [GATEWAY_PATH.void]: ofCore((body) => outgoing.void(body)),
    [GATEWAY_PATH.recall]: ofCore((body) => outgoing.recall(body)),
    [GATEWAY_PATH.inquire]: ofCore((body) => outgoing.inquire(body)),
    [GATEWAY_PATH.enquireAccount]: ofCore((body) => outgoing.enquireAccount(body)),
    [GATEWAY_PATH.proxy]: ofCore((body) => outgoing.askProxy(body)),
    [GATEWAY_PATH.enquireBill]: ofCore((body) => outgoing.enquireBill(body)),
    [GATEWAY_PATH.set]: {
      may: isGuardPeer,
      answer: async (body) => ok(await acceptSet(context, body)),
    },
    [GATEWAY_PATH.journal]: {
      may: isGuardPeer,
      answer: (_, request) => journalPage(context, request),
    },
    [GATEWAY_PATH.hubControl]: {
      may: isGuardPeer,
      answer: async (body) => ok(await hubControl(context, { hosts, body })),
    },
    [GATEWAY_PATH.statement]: {
      may: (peer) => isGuardPeer(peer) || isCorePeer(peer),
      answer: (body) => statement(settlements, body),
    },
  };
  return async (request) => {
    const path = request.path.split('?', 1)[0] ?? '';
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    if (path !== GATEWAY_PATH.send) {
      const refused = await refusePeer(context, request, route);
      if (refused) return refused;
    }
    return route
      ? route.answer(parseJson(request.body), request)
      : jsonResponse(404, { outcome: 'refused', reason: 'malformed' });
  };
}

async function statement(
  settlements: ReadonlyMap<RailName, Settlement>,
  body: unknown,
): Promise<WireResponse> {
  const { businessDate, rail } = recordOf(body);
  const named = railOf(rail);
  const settlement = named && settlements.get(named);
  const isDate = typeof businessDate === 'string' && /^\d{4}-\d\d-\d\d$/.test(businessDate);
  return isDate && settlement
    ? jsonResponse(200, { fetched: await settlement.fetchStatement(businessDate) })
    : jsonResponse(400, { fetched: false });
}

/** A quarantined peer is heard nowhere; a peer that asks what is not its own to ask is quarantined. */
async function refusePeer(
  context: GatewayContext,
  request: WireRequest,
  route: Route | undefined,
): Promise<WireResponse | undefined> {
  const { peer, fingerprint } = request;
  const isQuarantined = context.journal.index.quarantineOf(fingerprint) !== undefined;
  if (!isQuarantined && route?.may(peer)) return undefined;
  const isAtHome = isCorePeer(peer) || isGuardPeer(peer);
  const reason = isQuarantined
    ? 'quarantined'
    : isAtHome && !route
      ? 'malformed'
      : 'peer_not_admitted';
  await context.knocks.record({
    kind: 'refused',
    reason,
    weight: reason === 'peer_not_admitted' ? 'hard' : 'none',
    peer,
    fingerprint,
  });
  return jsonResponse(403, { outcome: 'refused', reason });
}

async function acceptSet(context: GatewayContext, body: unknown): Promise<unknown> {
  const { body: text, signature } = recordOf(body);
  if (typeof text !== 'string' || typeof signature !== 'string')
    return { ok: false, reason: 'malformed' };
  const before = context.holder.current().version;
  const result = await context.holder.accept({ body: text, signature } satisfies SignedSet);
  if (!result.ok) {
    const { version } = recordOf(parseJson(text));
    await context.journal.append({
      kind: 'set_refused',
      version: Number.isSafeInteger(version) ? Number(version) : 0,
      reason: result.reason,
    });
    return result;
  }
  // The guard repeats the same set as a sign of life: only a change is news.
  if (result.version !== before)
    await context.journal.append({ kind: 'set_accepted', version: result.version });
  await context.latches.applySet(context.holder.current());
  return result;
}

async function journalPage(context: GatewayContext, request: WireRequest): Promise<WireResponse> {
  const query = new URLSearchParams(request.path.split('?')[1] ?? '');
  const after = Number(query.get('after') ?? 0);
  const limit = Number(query.get('limit') ?? PAGE_LIMIT_MAX);
  if (!Number.isSafeInteger(after) || after < 0 || !Number.isSafeInteger(limit) || limit < 1)
    return jsonResponse(400, {});
  await context.door.witness(after);
  return jsonResponse(200, await context.journal.page(after, Math.min(limit, PAGE_LIMIT_MAX)));
}

/** Closing needs the guard alone; opening our outbound at the hub again needs a release that two people signed after it was
 * closed and that is in force here (I5). */
async function hubControl(
  context: GatewayContext,
  given: { readonly hosts: ReadonlyMap<RailName, RailHost>; readonly body: unknown },
): Promise<unknown> {
  const { action, fingerprint, reason, rail: name } = recordOf(given.body);
  const rail = railOf(name);
  const isRevoke =
    action === 'revoke' && typeof fingerprint === 'string' && /^[0-9a-f]{64}$/.test(fingerprint);
  if (
    typeof reason !== 'string' ||
    rail === undefined ||
    (!isRevoke && action !== 'suspend_out' && action !== 'resume_out')
  )
    return { ok: false, reason: 'malformed' };
  const portal = given.hosts.get(rail)?.control;
  if (!portal) return { ok: false, reason: `no portal of ${rail} here` };
  const of = { kind: 'hub_control' as const, ...railField(rail) };
  if (action === 'resume_out') {
    const sinceMs = context.journal.index.suspendedAtMs(rail) ?? 0;
    const facts = {
      set: context.holder.current(),
      roster: context.roster,
      nowMs: context.time.now(),
    };
    const isLatched = context.latches
      .latches()
      .some((latch) => latch.rail === rail && latch.direction === 'out');
    if (!hasReleaseSince(sinceMs, facts) || isLatched) {
      await context.journal.append({ ...of, action, target: portal.target, ok: false });
      return { ok: false, reason: 'looser_without_two_people' };
    }
  }
  const common = { requestId: newId('hub', context.time.now(), context.random), reason };
  const ok = await portal.ask(
    isRevoke
      ? { ...common, action: 'revoke', fingerprint }
      : { ...common, action: action as 'suspend_out' | 'resume_out' },
  );
  const target = isRevoke ? fingerprint : portal.target;
  await context.journal.append({
    ...of,
    action: action as 'revoke' | 'suspend_out' | 'resume_out',
    target,
    ok,
  });
  context.log.warn({ rail, action, ok }, 'gateway.hub_control');
  return ok ? { ok } : { ok, reason: 'the hub did not agree' };
}

/** The rail that a body names; BI-FAST when it names none, as bodies from before there were others. */
function railOf(value: unknown): RailName | undefined {
  if (value === undefined) return 'bifast';
  return isRailName(value) ? value : undefined;
}
