/** The SQL of proxies: contacts that were proved, what became of their registration, and who looked names up. */
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import type { ProxyOperation } from '../../rail/bifast/proxy-message.ts';
import type { DirectoryWord, ProxyStateName } from './decide.ts';

export interface ProxyRow {
  readonly kind: '01' | '02';
  readonly value: string;
  /** `none` where it was never asked for. */
  readonly state: ProxyStateName;
  readonly account: string | undefined;
  readonly registrationId: string | undefined;
  readonly pending: ProxyOperation | undefined;
  readonly pendingAtMs: number | undefined;
  readonly code: string | undefined;
}

interface Key {
  readonly customerId: string;
  readonly kind: string;
  readonly value: string;
}

/** Every proved contact of a customer with its registration. */
export async function selectProxies(
  db: Queryable,
  customerId: string,
): Promise<readonly ProxyRow[]> {
  const rows = await db.query<{
    kind: '01' | '02';
    value: string;
    state: ProxyStateName | null;
    account: string | null;
    registration_id: string | null;
    pending: ProxyOperation | null;
    pending_at: Date | null;
    code: string | null;
  }>(sql`select c.kind, c.value, p.state, p.account, p.registration_id, p.pending, p.pending_at, p.code
    from customer_contact c left join proxy p using (customer_id, kind, value)
    where c.customer_id = ${customerId} order by c.kind, c.value limit 20`);
  return rows.map((row) => ({
    kind: row.kind,
    value: row.value,
    state: row.state ?? 'none',
    account: row.account ?? undefined,
    registrationId: row.registration_id ?? undefined,
    pending: row.pending ?? undefined,
    pendingAtMs: row.pending_at?.getTime(),
    code: row.code ?? undefined,
  }));
}

/** Notes what the directory is about to be asked; false when an earlier question is open or the state is another by now. */
export async function markAsked(
  tx: Queryable,
  input: Key & {
    readonly state: ProxyStateName;
    readonly operation: ProxyOperation;
    readonly account: string;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { customerId, kind, value, state, operation, account } = input;
  const now = new Date(input.nowMs);
  const rows = await tx.query(sql`
    insert into proxy (customer_id, kind, value, state, account, pending, pending_account, pending_at, changed_at)
    values (${customerId}, ${kind}, ${value}, 'asked', ${account}, ${operation}, ${account}, ${now}, ${now})
    on conflict (customer_id, kind, value) do update
      set pending = excluded.pending, pending_account = excluded.pending_account, pending_at = excluded.pending_at, code = null, changed_at = excluded.changed_at
      where proxy.pending is null and proxy.state = ${state}
    returning state`);
  return rows.length === 1;
}

/** Writes what became of the open question, once: false when somebody was first. */
export async function settleAsked(
  tx: Queryable,
  input: Key & {
    readonly operation: ProxyOperation;
    readonly word: DirectoryWord;
    readonly code: string | undefined;
    readonly nowMs: number;
  },
): Promise<boolean> {
  const { customerId, kind, value, operation, word, code } = input;
  const rows = await tx.query(sql`update proxy set state = ${word.state},
      registration_id = coalesce(${word.registrationId ?? null}, registration_id),
      account = coalesce(${word.account ?? null}, account),
      pending = null, pending_account = null, pending_at = null, code = ${code ?? null}, changed_at = ${new Date(input.nowMs)}
    where customer_id = ${customerId} and kind = ${kind} and value = ${value} and pending = ${operation} returning state`);
  return rows.length === 1;
}

/** Marks a proxy as gone to another bank; whose it was, or undefined when it is no live registration of ours. */
export async function markMoved(
  tx: Queryable,
  input: {
    readonly kind: string;
    readonly value: string;
    readonly registrationId: string;
    readonly bank: string;
    readonly nowMs: number;
  },
): Promise<string | undefined> {
  const rows = await tx.query<{
    customer_id: string;
  }>(sql`update proxy set state = 'moved', code = ${input.bank},
      pending = null, pending_account = null, pending_at = null, changed_at = ${new Date(input.nowMs)}
    where kind = ${input.kind} and value = ${input.value} and registration_id = ${input.registrationId}
      and state in ('active', 'suspended') returning customer_id`);
  return rows[0]?.customer_id;
}

/** Notes a lookup before it is made; how many there were since each instant. Of lookups made at once each may count the others:
 * never do too many pass, some may be refused that had room. */
export async function countLookup(
  db: Queryable,
  input: {
    readonly customerId: string;
    readonly nowMs: number;
    readonly dayFromMs: number;
    readonly windowFromMs: number;
  },
): Promise<{ readonly day: number; readonly window: number }> {
  const { customerId } = input;
  await db.query(
    sql`insert into proxy_lookup (customer_id, made_at) values (${customerId}, ${new Date(input.nowMs)})`,
  );
  const rows = await db.query<{ day: bigint; recent: bigint }>(sql`select count(*) as day,
      count(*) filter (where made_at > ${new Date(input.windowFromMs)}) as recent
    from proxy_lookup where customer_id = ${customerId} and made_at > ${new Date(input.dayFromMs)}`);
  return { day: Number(rows[0]!.day), window: Number(rows[0]!.recent) };
}

/** Tells a customer, in the outbox. */
export async function insertProxyMessage(
  tx: Queryable,
  message: {
    readonly id: string;
    readonly customerId: string;
    readonly params: string;
    readonly nowMs: number;
  },
): Promise<void> {
  await tx.query(sql`insert into customer_message (id, customer_id, template, params, made_at)
    values (${message.id}, ${message.customerId}, 'proxy.moved', ${message.params}, ${new Date(message.nowMs)})`);
}
