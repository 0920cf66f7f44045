/** The one way out of core to a partner: HTTPS to a configured address. What the name resolves to is looked at too, so that no partner's
 * DNS leads us to ourselves or into our own network; the address that was looked at is the one that is called. */
import { lookup as lookUp } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import type { NoticeCall, NoticePost, NoticeReply } from '../channel/snap/notice/port.ts';

const ANSWER_BYTES_MAX = 65_536;
const SOCKETS_MAX = 64;

const INSIDE = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  INSIDE.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  // Loopback, none, and the forms that carry an IPv4 address inside: RFC 4291 2.5.5, RFC 2765, 6052, 8215, 4380, 3056.
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2001::', 32],
  ['2002::', 16],
  ['100::', 64],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  INSIDE.addSubnet(net, bits, 'ipv6');

/** True for an address of ours: loopback, link-local, private, or none of one host. */
export function isInside(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return INSIDE.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** Opens it. `mayLoopback`: this deployment listens on this machine only, so partners may be here too, over plain HTTP. */
export function openNoticePost(input: { readonly mayLoopback: boolean }): {
  readonly post: NoticePost;
  close(): void;
} {
  const agents = {
    http: new http.Agent({ keepAlive: true, maxSockets: SOCKETS_MAX }),
    https: new https.Agent({ keepAlive: true, maxSockets: SOCKETS_MAX, minVersion: 'TLSv1.2' }),
  };
  return {
    post: (call) => {
      const url = URL.canParse(call.url) ? new URL(call.url) : undefined;
      const here = url && input.mayLoopback && isLoopback(url);
      if (!url || !(here || isOutside(url)))
        return Promise.resolve({ kind: 'refused_address' } as const);
      return exchange(call, { url, agents, isHere: here === true });
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

function isLoopback(url: URL): boolean {
  return url.protocol === 'http:' && (url.hostname === '127.0.0.1' || url.hostname === '[::1]');
}

function isOutside(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return url.protocol === 'https:' && url.username === '' && !(isIP(host) !== 0 && isInside(host));
}

function exchange(
  call: NoticeCall,
  way: {
    readonly url: URL;
    readonly agents: { readonly http: http.Agent; readonly https: https.Agent };
    readonly isHere: boolean;
  },
): Promise<NoticeReply> {
  const { url, agents, isHere } = way;
  return new Promise((resolve) => {
    const options = {
      method: 'POST',
      headers: { ...call.headers, 'content-length': String(call.body.length) },
      timeout: call.timeoutMs,
      signal: AbortSignal.timeout(call.timeoutMs),
    };
    const request = isHere
      ? http.request(url, { ...options, agent: agents.http })
      : https.request(url, { ...options, agent: agents.https, lookup: outsideOnly });
    let isConnected = false;
    request.on('socket', (socket) => {
      const event = isHere ? 'connect' : 'secureConnect';
      if (!socket.connecting) isConnected = true;
      else socket.once(event, () => (isConnected = true));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', (error: NodeJS.ErrnoException) => {
      const kind =
        error.code === 'EINSIDE' ? 'refused_address' : isConnected ? 'no_answer' : 'not_sent';
      resolve({ kind });
    });
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > ANSWER_BYTES_MAX) request.destroy();
        else parts.push(part);
      });
      response.on('error', () => resolve({ kind: 'no_answer' }));
      response.on('close', () => resolve({ kind: 'no_answer' }));
      // A redirect is an answer like any other: not a yes.
      response.on('end', () =>
        resolve({ kind: 'answer', status: response.statusCode ?? 0, body: Buffer.concat(parts) }),
      );
    });
    request.end(call.body);
  });
}

/** Resolves a name and refuses it when any of its addresses is inside. */
const outsideOnly: LookupFunction = (hostname, options, done) => {
  lookUp(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return done(error, '', 4);
    if (addresses.length === 0 || addresses.some(({ address }) => isInside(address))) {
      const refused: NodeJS.ErrnoException = new Error(
        'Cannot call partner: the address is inside',
      );
      refused.code = 'EINSIDE';
      return done(refused, '', 4);
    }
    return options.all
      ? done(null, addresses)
      : done(null, addresses[0]!.address, addresses[0]!.family);
  });
};
