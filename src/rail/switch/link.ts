/** Keeps one link to a network up: connects, or listens, and begins again when a connection ends. At most one connection stands. */
import type { ByteStream, StreamServer } from '../../kernel/stream.ts';
import { reconnectMs } from './back-off.ts';
import type { NetworkContext } from './port.ts';
import { LinkSession } from './session.ts';
import type { LinkSetting } from './setting.ts';

/** A link. */
export interface Link {
  readonly name: string;
  /** The connection that stands now. */
  session(): LinkSession | undefined;
  /** Drains, signs off and ends; for good. */
  stop(): Promise<void>;
  /** Ends at once, as a killed process would; for good. */
  abandon(): void;
}

/** Opens a link. A server listens when this resolves; a client goes on trying. Throws what listening throws. */
export async function openLink(context: NetworkContext, setting: LinkSetting): Promise<Link> {
  return setting.side === 'client' ? openClient(context, setting) : openServer(context, setting);
}

function openClient(context: NetworkContext, setting: LinkSetting): Link {
  const { counts, ports, setting: network } = context;
  const stopping = new AbortController();
  let session: LinkSession | undefined;
  const keepUp = async (): Promise<void> => {
    for (let attempt = 0; !stopping.signal.aborted; attempt++) {
      if (attempt > 0) {
        const waitMs = reconnectMs(ports.random, { attempt: attempt - 1, timers: network.timers });
        await ports.time.sleep(waitMs, stopping.signal);
        if (stopping.signal.aborted) return;
      }
      const stream = await connect(context, setting);
      if (!stream) {
        counts.connectFailed++;
        continue;
      }
      if (stopping.signal.aborted) return stream.destroy();
      session = new LinkSession(context, { link: setting.name, stream });
      session.start();
      await session.ended;
      if (session.wasSignedOn()) attempt = 0;
    }
  };
  const running = keepUp();
  return {
    name: setting.name,
    session: () => session,
    async stop() {
      stopping.abort();
      await session?.stop();
      await running;
    },
    abandon() {
      stopping.abort();
      session?.hangUp('abandoned');
    },
  };
}

async function connect(
  { ports, setting }: NetworkContext,
  link: LinkSetting,
): Promise<ByteStream | undefined> {
  try {
    return await ports.streams.connect({
      target: link.address,
      timeoutMs: setting.timers.connectMs,
    });
  } catch (error) {
    ports.log.warn({ link: link.name, error: (error as Error).message }, 'link.connect_failed');
    return undefined;
  }
}

async function openServer(context: NetworkContext, setting: LinkSetting): Promise<Link> {
  const { ports, setting: network } = context;
  let session: LinkSession | undefined;
  let isStopping = false;
  const server: StreamServer = await ports.streams.listen({
    name: setting.address,
    accept(stream) {
      if (!isAdmitted(setting, stream.peer)) {
        const { name } = network;
        ports.alarm({
          kind: 'peer_not_admitted',
          network: name,
          link: setting.name,
          detail: stream.peer,
        });
        return stream.destroy();
      }
      // Whoever knocks does not throw out whoever is there: a dead one is found by its echoes.
      if (isStopping || (session && session.phase() !== 'closed')) {
        ports.log.warn({ link: setting.name }, 'link.second_connection');
        return stream.destroy();
      }
      session = new LinkSession(context, { link: setting.name, stream });
      session.start();
    },
  });
  return {
    name: setting.name,
    session: () => session,
    async stop() {
      isStopping = true;
      await server.close();
      await session?.stop();
    },
    abandon() {
      isStopping = true;
      void server.close();
      session?.hangUp('abandoned');
    },
  };
}

/** IPv4 addresses arrive in the form of IPv6 where a socket listens on both. */
const MAPPED = '::ffff:';

function isAdmitted(setting: LinkSetting, peer: string): boolean {
  const plain = peer.startsWith(MAPPED) ? peer.slice(MAPPED.length) : peer;
  return setting.admitted.includes(plain);
}
