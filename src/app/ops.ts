/** What every process answers to whoever runs it: `/healthz` (alive), `/readyz` (may take work) and `/metrics` (Prometheus).
 * Loopback only; no customer data. */
import { createServer } from 'node:http';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** What a process tells about itself. */
export interface Vital {
  /** True while the process can do its work; cheap, asked often. */
  isReady(): boolean | Promise<boolean>;
  /** Figures read at each scrape: name without prefix, unit last (`journal_head_entries`). */
  gauges(): Readonly<Record<string, number>>;
  /** What was measured since the last scrape, in milliseconds: name without prefix and unit (`guard_fold`). */
  takeLatencies?(): Readonly<Record<string, readonly number[]>>;
}

/** Answers of the three paths; undefined for any other. */
export interface Ops {
  readonly registry: Registry;
  answer(
    path: string,
  ): Promise<{ readonly status: number; readonly type: string; readonly body: string } | undefined>;
}

/** Opens the registry of one process. The names of `gauges` are fixed at the first scrape. */
export function openOps(processName: string, vital: Vital): Ops {
  const registry = new Registry();
  registry.setDefaultLabels({ process: processName });
  collectDefaultMetrics({ register: registry });
  const known = new Map<string, Gauge>();
  const histograms = new Map<string, Histogram>();
  const refresh = (): void => {
    for (const [name, value] of Object.entries(vital.gauges())) {
      let gauge = known.get(name);
      if (!gauge) {
        gauge = new Gauge({
          name: `pulih_${name}`,
          help: name.replaceAll('_', ' '),
          registers: [registry],
        });
        known.set(name, gauge);
      }
      gauge.set(value);
    }
    for (const [name, samples] of Object.entries(vital.takeLatencies?.() ?? {})) {
      const histogram = histograms.get(name) ?? openHistogram(name, registry);
      histograms.set(name, histogram);
      for (const ms of samples) histogram.observe(ms / 1_000);
    }
  };
  return {
    registry,
    async answer(path) {
      if (path === '/healthz') return { status: 200, type: 'text/plain', body: 'alive\n' };
      if (path === '/readyz') {
        const isReady = await Promise.resolve(vital.isReady()).catch(() => false);
        return {
          status: isReady ? 200 : 503,
          type: 'text/plain',
          body: isReady ? 'ready\n' : 'not ready\n',
        };
      }
      if (path !== '/metrics') return undefined;
      refresh();
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    },
  };
}

/** Seconds: finer around 0.3, which the tail of the guard must stay under (issue 5). */
const BUCKETS = [0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 1, 2, 5, 15, 60];

function openHistogram(name: string, registry: Registry): Histogram {
  return new Histogram({
    name: `pulih_${name}_seconds`,
    help: `${name.replaceAll('_', ' ')} in seconds`,
    buckets: BUCKETS,
    registers: [registry],
  });
}

/** Listens on loopback for a process that has no HTTP of its own. */
export async function listenOps(ops: Ops, port: number): Promise<{ close(): Promise<void> }> {
  const server = createServer((req, res) => {
    void ops
      .answer((req.url ?? '/').split('?', 1)[0]!)
      .then((answer) =>
        res
          .writeHead(answer?.status ?? 404, { 'content-type': answer?.type ?? 'text/plain' })
          .end(answer?.body ?? 'not found\n'),
      )
      .catch(() => res.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
