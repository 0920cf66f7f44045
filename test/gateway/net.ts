import type { MemoryNetwork } from '../../src/kernel/wire-memory.ts';
import type { Net } from '../../src/kernel/wire.ts';

/** The memory network as one process's Net. A handler that throws answers nobody, as a killed process would. */
export function netOf({
  network,
  name,
}: {
  readonly network: MemoryNetwork;
  readonly name: string;
}): Net {
  return {
    connect: (target) => network.connect(name, target),
    listen: async (input) =>
      network.listen(input.name, async (request) => {
        if (input.admit && !input.admit(request.peer, request.fingerprint))
          return { status: 403, body: Buffer.alloc(0) };
        return input.handler(request).catch(() => new Promise(() => {}));
      }),
  };
}
