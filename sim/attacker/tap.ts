/** Ears and hands on a wire: what an attacker inside the network overhears, and what one in the middle changes. Wrap a client
 * or a whole Net with it; the honest traffic passes unharmed. */
import type { Net, WireCall, WireClient, WireResponse } from '../../src/kernel/wire.ts';

/** One instruction and its token on their way from core to a gateway. */
export interface Captured {
  readonly instruction: Readonly<Record<string, unknown>>;
  readonly token: string;
}

export interface Tap {
  /** The newest honest sends, oldest first. */
  readonly captured: readonly Captured[];
  /** Listens to one client. */
  client(client: WireClient): WireClient;
  /** Listens to every client that this Net makes for `target`. */
  net(net: Net, target: string): Net;
}

const CAPTURED_COUNT_MAX = 200;

/** A tap on `/send`: keeps what passed, after its answer came, so that a replay is a replay. */
export function openTap(): Tap {
  const captured: Captured[] = [];
  const tap: Tap = {
    captured,
    client: (client) => ({
      close: () => client.close(),
      async call(input) {
        const response = await client.call(input);
        if (input.path === '/send') keep(captured, input);
        return response;
      },
    }),
    net: (net, target) => ({
      listen: (input) => net.listen(input),
      connect: (name) => (name === target ? tap.client(net.connect(name)) : net.connect(name)),
    }),
  };
  return tap;
}

function keep(captured: Captured[], input: WireCall): void {
  const value = JSON.parse(Buffer.from(input.body ?? '').toString('utf8')) as Partial<Captured>;
  if (typeof value.token !== 'string' || value.instruction === undefined) return;
  captured.push({ instruction: value.instruction, token: value.token });
  if (captured.length > CAPTURED_COUNT_MAX) captured.shift();
}

/** Somebody in the middle of the line between gateway and hub. */
export interface Meddler {
  readonly client: WireClient;
  /** Adds an invented line to the next feed answers, or hides all lines; undefined stops. The signature is left as it was. */
  meddle(how: { readonly line: unknown } | 'hide' | undefined): void;
  /** Feed answers that were changed so far. */
  changedCount(): number;
}

/** Wraps the gateway's client of the hub. */
export function openMeddler(client: WireClient): Meddler {
  let how: { readonly line: unknown } | 'hide' | undefined;
  let changed = 0;
  return {
    client: {
      close: () => client.close(),
      async call(input) {
        const response = await client.call(input);
        if (how === undefined || !input.path.startsWith('/feed') || response.status !== 200)
          return response;
        changed++;
        return bend(response, how);
      },
    },
    meddle: (next) => void (how = next),
    changedCount: () => changed,
  };
}

function bend(response: WireResponse, how: { readonly line: unknown } | 'hide'): WireResponse {
  const page = JSON.parse(response.body.toString('utf8')) as { lines: unknown[] };
  const lines = how === 'hide' ? [] : [...page.lines, how.line];
  return { ...response, body: Buffer.from(JSON.stringify({ ...page, lines })) };
}
