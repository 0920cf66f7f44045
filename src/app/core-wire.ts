/** Core's inner side over mTLS: notices from gateways, restriction sets from the guard. Nobody else is heard. */
import type { RestrictionHolder } from '../gate/port.ts';
import type { SignedSet } from '../gate/restriction.ts';
import type { Log } from '../kernel/log.ts';
import { jsonResponse, parseJson, type Net, type WireRequest, type WireResponse, type WireServer } from '../kernel/wire.ts';
import type { PaymentEngine } from '../payment/port.ts';
import { NOTICE_PATH, type RailNotice } from '../rail/notice.ts';

/** Where the guard pushes a set. */
const SET_PATH = '/set';

/** Listens under the process's own name. */
export function listenCoreWire(input: {
  readonly name: string;
  readonly net: Net;
  readonly engine: Pick<PaymentEngine, 'take'>;
  readonly holder: RestrictionHolder;
  readonly log: Log;
}): Promise<WireServer> {
  return input.net.listen({
    name: input.name,
    admit: (peer) => peer === 'guard' || isGateway(peer),
    handler: (request) => answer(input, request),
  });
}

async function answer(
  input: { readonly engine: Pick<PaymentEngine, 'take'>; readonly holder: RestrictionHolder; readonly log: Log },
  request: WireRequest,
): Promise<WireResponse> {
  const { path, peer } = request;
  const body = parseJson(request.body);
  if (typeof body !== 'object' || body === null) return jsonResponse(400, { reason: 'malformed' });
  if (path === NOTICE_PATH && isGateway(peer)) return jsonResponse(200, await input.engine.take(body as RailNotice));
  if (path === SET_PATH && peer === 'guard') return jsonResponse(200, await input.holder.accept(body as SignedSet));
  input.log.error({ peer, path }, 'core.peer_refused');
  return jsonResponse(403, { reason: 'not yours to ask' });
}

function isGateway(peer: string): boolean {
  return /^gateway-\d{1,4}$/.test(peer);
}
