/** The hub of the crash tests as the test holds it: start, order credits, kill, and read from disk what it knows. */
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openBook, type BookEvent, type Transfer } from '../../sim/hub/book.ts';
import { demoParticipants } from '../../sim/hub/participant.ts';
import { DEMO_BANK } from '../../src/app/bank-profile.ts';
import { processFolder } from '../../src/app/key-file.ts';

export const ARRIVALS_FILE = 'arrivals.txt';

/** A customer of another bank pays into ours. */
export interface HubOrder {
  readonly account: string;
  readonly amountSen: string;
  readonly fromBank: string;
  readonly noticeCount: number;
}

/** Everything that the hub took, and how often each of our instructions arrived there. */
export interface HubBook {
  readonly outgoing: readonly Transfer[];
  readonly incoming: readonly Transfer[];
  readonly arrivals: ReadonlyMap<string, number>;
}

export interface TestHub {
  order(order: HubOrder): void;
  read(): HubBook;
  /** `kill -9`, and a new process on the same book. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it on `port`. */
export async function startTestHub(input: {
  readonly state: string;
  readonly publicPort: number;
  readonly port: number;
}): Promise<TestHub> {
  const folder = join(processFolder(input.state, 'sim'), 'hub');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let child = await launch(input);
  const end = async (): Promise<void> => {
    const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await ended;
  };
  return {
    order: (order) => void (child.connected && child.send(order, () => {})),
    read: () => readHub(folder),
    async crash() {
      await end();
      child = await launch(input);
    },
    stop: end,
  };
}

async function launch(input: {
  readonly state: string;
  readonly publicPort: number;
  readonly port: number;
}): Promise<ChildProcess> {
  const log = openSync(join(input.state, 'log', 'hub.log'), 'a');
  const child = fork(join(import.meta.dirname, 'hub-process.ts'), [], {
    stdio: ['ignore', log, log, 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: {
      PATH: '/usr/bin:/bin',
      CRASH_STATE: input.state,
      CRASH_PORT: String(input.publicPort),
      CRASH_HUB_PORT: String(input.port),
    },
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) =>
      reject(new Error(`The hub ended at its start (${code}); see ${input.state}/log/hub.log`)),
    );
  });
  return child;
}

function linesOf(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean);
}

function readHub(folder: string): HubBook {
  const book = openBook(demoParticipants());
  const keys: { fromBank: string; bizMsgIdr: string }[] = [];
  for (const line of linesOf(join(folder, 'hub.jsonl'))) {
    const event = JSON.parse(line) as BookEvent;
    // The book refuses what cannot follow: an id taken twice, a transfer that ends twice.
    book.apply(event);
    if (event.kind === 'taken' || event.kind === 'refused') keys.push(event.facts);
  }
  const transfers = keys.map((key) => book.find(key)!);
  const arrivals = new Map<string, number>();
  for (const id of linesOf(join(folder, ARRIVALS_FILE)))
    arrivals.set(id, (arrivals.get(id) ?? 0) + 1);
  return {
    outgoing: transfers.filter(({ fromBank }) => fromBank === DEMO_BANK.bic),
    incoming: transfers.filter(({ toBank }) => toBank === DEMO_BANK.bic),
    arrivals,
  };
}
