/** The pool and the transaction. Knows no domain word. int8 arrives as bigint, date as text, timestamptz as Date. */
import type { Socket } from 'node:net';
import pg from 'pg';
import { BugError } from '../kernel/assert.ts';
import type { Time } from '../kernel/time.ts';
import type { Sql } from './sql.ts';

export interface Queryable {
  /** Runs one statement; the rows. Throws DbFault. */
  query<Row>(statement: Sql): Promise<Row[]>;
}

export type Tx = Queryable;

export interface TxOptions {
  /** What `work` asks for before it first waits only reads and locks, so that it may travel with `begin`: should that fail, nothing
   * was written outside a transaction. Saves a round trip. */
  readonly opensReading?: boolean;
}

export interface Db extends Queryable {
  /** Runs `work` in one READ COMMITTED transaction. Rolls back when it throws. No network call may stand inside (I11). */
  tx<T>(work: (tx: Tx) => Promise<T>, options?: TxOptions): Promise<T>;
  /** Runs several statements given as plain text, for migrations and test set-up only. */
  script(text: string): Promise<void>;
  /** A connection of its own for LISTEN or an advisory lock; `end` closes it. `onEnd` fires when it breaks. */
  dedicated(
    onEnd: () => void,
  ): Promise<
    Queryable & { on(channel: string, hear: (payload: string) => void): void; end(): Promise<void> }
  >;
  close(): Promise<void>;
}

/** What opens transactions. */
export type Transactor = Pick<Db, 'tx'>;

/** The transaction under way, for a function that opens its own: what it does is part of this one, and commits or rolls back with it. */
export function joined(tx: Tx): Transactor {
  return { tx: (work) => work(tx) };
}

/** An operating fault of the database. `code` is the SQLSTATE where there is one.
 * `commitUnknown`: the connection broke while committing; re-read before acting. */
export class DbFault extends Error {
  override name = 'DbFault';
  readonly code: string | undefined;
  readonly constraint: string | undefined;
  readonly commitUnknown: boolean;
  constructor(
    message: string,
    input: { readonly cause: unknown; readonly commitUnknown?: boolean },
  ) {
    super(message, { cause: input.cause });
    const cause = input.cause as { code?: string; constraint?: string } | undefined;
    this.code = cause?.code;
    this.constraint = cause?.constraint;
    this.commitUnknown = input.commitUnknown ?? false;
  }
}

const types = new pg.TypeOverrides();
types.setTypeParser(20, (text) => BigInt(text));
types.setTypeParser(1016 as never, (text: string) =>
  text === '{}' ? [] : text.slice(1, -1).split(',').map(BigInt),
);
types.setTypeParser(1082, (text) => text);

/** SQLSTATEs that a bounded retry may cure: serialization, deadlock. */
export function isRetryable(error: unknown): boolean {
  return error instanceof DbFault && (error.code === '40001' || error.code === '40P01');
}

/** Opens a pool. Keep it small: 4–8 (DESIGN.md section 4). */
export function openDb(input: {
  readonly url: string;
  readonly size: number;
  readonly time: Time;
  readonly name: string;
  /** Longest wait for a lock; then the statement fails with 55P03. Default: as long as it takes. */
  readonly lockMsMax?: number;
}): Db {
  // Statements that a caller issues together travel together: one round trip for many.
  const options = {
    connectionString: input.url,
    types,
    application_name: `pulih-${input.name}`,
    pipeline: true,
    ...(input.lockMsMax && { lock_timeout: input.lockMsMax }),
  };
  const pool = new pg.Pool({
    ...options,
    max: input.size,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
  });
  // A broken idle connection is replaced at its next use; without a listener Node would end the process.
  pool.on('error', () => {});
  const connect = async (): Promise<pg.PoolClient> => {
    try {
      return await pool.connect();
    } catch (error) {
      throw new DbFault(`Cannot reach database: ${(error as Error).message}`, { cause: error });
    }
  };
  return {
    query: (statement) => input.time.track(run(pool, statement)),
    tx: (work, options) =>
      input.time.track(connect().then((client) => runTx(client, work, options))),
    script: (text) => input.time.track(plain(pool, text)),
    close: () => pool.end(),
    async dedicated(onEnd) {
      const client = new pg.Client(options);
      const hears = new Map<string, (payload: string) => void>();
      client.on('notification', (message) => hears.get(message.channel)?.(message.payload ?? ''));
      client.on('error', onEnd);
      client.on('end', onEnd);
      try {
        await client.connect();
      } catch (error) {
        throw new DbFault('Cannot reach database', { cause: error });
      }
      return {
        query: (statement) => run(client, statement),
        on: (channel, hear) => void hears.set(channel, hear),
        end: () => client.end(),
      };
    },
  };
}

async function run<Row>(client: pg.ClientBase | pg.Pool, statement: Sql): Promise<Row[]> {
  const { name, text, values } = statement;
  try {
    const result = await client.query({ name, text, values: values as unknown[] });
    return result.rows as Row[];
  } catch (error) {
    throw new DbFault(`Cannot run statement: ${(error as Error).message}`, { cause: error });
  }
}

/** Bytes that wait for the end of the turn at most: past this the server has work to do meanwhile. */
const CORKED_BYTES_MAX = 32_768;

/** What a transaction asks in one turn leaves in one write: each of its own would cost more than many a statement. */
function corkTurn(client: pg.PoolClient): void {
  // Not in the driver's types: the socket that it writes to.
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  if (stream.writableCorked === 0) {
    stream.cork();
    process.nextTick(() => stream.uncork());
  } else if (stream.writableLength > CORKED_BYTES_MAX) {
    stream.uncork();
    stream.cork();
  }
}

/** Runs `work` between begin and commit on a client that it gives back, or throws away when it broke. */
async function runTx<T>(
  client: pg.PoolClient,
  work: (tx: Tx) => Promise<T>,
  options: TxOptions = {},
): Promise<T> {
  let broken: Error | undefined;
  const onError = (error: Error): void => void (broken = error);
  client.on('error', onError);
  let isOpen = true;
  try {
    corkTurn(client);
    const begun = plain(client, 'begin');
    begun.catch(() => {});
    if (!options.opensReading) await begun;
    // A statement that a caller forgot to await must not land in the next owner's transaction.
    const query = async <Row>(statement: Sql): Promise<Row[]> => {
      if (!isOpen) {
        throw new BugError('Invariant broken: a statement came after its transaction had ended');
      }
      corkTurn(client);
      const rows = await run<Row>(client, statement);
      await begun;
      return rows;
    };
    const result = await work({ query });
    await begun;
    isOpen = false;
    await commit(client, onError);
    return result;
  } catch (error) {
    isOpen = false;
    if (!broken) await client.query('rollback').catch(onError);
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** Commits. Only a refusal that the server itself reports proves that nothing was written; a broken connection proves nothing. */
async function commit(client: pg.ClientBase, onBroken: (error: Error) => void): Promise<void> {
  let result: pg.QueryResult;
  try {
    result = await client.query('commit');
  } catch (error) {
    if (isServerRefusal(error))
      throw new DbFault(`Cannot commit: ${(error as Error).message}`, { cause: error });
    onBroken(error as Error);
    throw new DbFault('Commit outcome is unknown', { cause: error, commitUnknown: true });
  }
  // PostgreSQL answers COMMIT of an aborted transaction with ROLLBACK and no error.
  if (result.command !== 'COMMIT')
    throw new DbFault('Cannot commit: an earlier statement had failed', { cause: undefined });
}

/** Integrity, serialization and data errors are raised before the commit record is written. */
function isServerRefusal(error: unknown): boolean {
  return /^(22|23|40|P0)[0-9A-Z]{3}$/.test((error as { code?: string }).code ?? '');
}

async function plain(client: pg.ClientBase | pg.Pool, text: string): Promise<void> {
  try {
    await client.query(text);
  } catch (error) {
    throw new DbFault(`Cannot run script: ${(error as Error).message}`, { cause: error });
  }
}
