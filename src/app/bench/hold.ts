/** A process that holds restrictions, for `pulih bench guard`: mutual TLS, the real holder, its file on disk. */
import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { openHolder } from '../../gate/holder.ts';
import type { SignedSet } from '../../gate/restriction.ts';
import { silentLog } from '../../kernel/log.ts';
import { wallTime } from '../../kernel/time.ts';
import { listenTls, type TlsIdentity } from '../../kernel/wire-tls.ts';
import { jsonResponse, parseJson } from '../../kernel/wire.ts';

/** What the bench tells a holder to start with. */
export interface HoldTarget {
  readonly folder: string;
  readonly publicKeyPem: string;
  readonly identity: TlsIdentity;
}

/** Serves until the bench is gone; says on which port it listens. */
export function serveHold(): Promise<number> {
  return new Promise((resolve) => {
    process.on('disconnect', () => resolve(0));
    process.on('message', (message) => {
      void open(message as HoldTarget).then((port) => process.send?.({ port }));
    });
  });
}

async function open(target: HoldTarget): Promise<number> {
  const holder = openHolder({
    file: join(target.folder, 'restriction-set.json'),
    key: createPublicKey(target.publicKeyPem),
    roster: {},
    time: wallTime(),
    log: silentLog,
  });
  const server = await listenTls({
    identity: target.identity,
    host: '127.0.0.1',
    port: 0,
    handler: async ({ body }) => {
      const said = await holder.accept(parseJson(body) as SignedSet);
      return jsonResponse(said.ok ? 200 : 409, said);
    },
  });
  return server.port;
}
