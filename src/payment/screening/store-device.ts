/** The SQL of what is known of devices, for the rules of risk: read from what sign-ins wrote. */
import { textArray } from '../../db/array.ts';
import type { Queryable } from '../../db/pool.ts';
import { sql } from '../../db/sql.ts';
import type { DeviceUse } from '../../risk/rule.ts';

/** Who signed in on a device within a month shares it. */
const SHARED_MS = 30 * 86_400_000;
/** Customers of one device that are counted: more say no more. */
const CUSTOMERS_MAX = 100;

/** A device in the hands of a customer. */
export interface DeviceKey {
  readonly device: string;
  readonly subject: string;
}

/** What is known of devices and their customers. Customers that are not there are left out. */
export async function selectDevices(
  db: Queryable,
  of: { readonly keys: readonly DeviceKey[]; readonly nowMs: number },
): Promise<readonly (DeviceUse & DeviceKey)[]> {
  const since = new Date(of.nowMs - SHARED_MS);
  const rows = await db.query<{
    device: string;
    subject: string;
    first_at: Date | null;
    had_other: boolean;
    customers: number;
    is_of_staff: boolean;
  }>(sql`
    select w.device, w.subject, mine.first_at,
      exists (
        select 1 from signed_device o where o.kind = 'customer' and o.subject = w.subject and o.device <> w.device
          and (mine.first_at is null or o.first_at < mine.first_at)
      ) as had_other,
      (
        select count(*)::integer from (
          select 1 from signed_device s where s.device = w.device and s.kind = 'customer' and s.last_at > ${since} limit ${CUSTOMERS_MAX}::integer
        ) n
      ) as customers,
      not c.is_staff and exists (
        select 1 from signed_device s where s.device = w.device and s.kind = 'staff' and s.last_at > ${since}
      ) as is_of_staff
    from unnest(${textArray(of.keys.map(({ device }) => device))}::text[], ${textArray(of.keys.map(({ subject }) => subject))}::text[])
      as w (device, subject)
    join customer c on c.id = w.subject
    left join signed_device mine on mine.device = w.device and mine.kind = 'customer' and mine.subject = w.subject`);
  return rows.map((row) => ({
    device: row.device,
    subject: row.subject,
    ageMs: row.first_at === null ? 0 : of.nowMs - row.first_at.getTime(),
    hadOther: row.had_other,
    customers: row.customers,
    isOfStaff: row.is_of_staff,
  }));
}
