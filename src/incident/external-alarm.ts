/** What others tell us is wrong: a network's operator, the regulator, another bank, a partner. It starts D23's clock; that somebody of us has
 * read it ends the clock and lifts nothing. Each is an event with who. */
import { recordEvents } from '../audit/record.ts';
import type { Db } from '../db/pool.ts';
import { newId } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { Time } from '../kernel/time.ts';
import {
  countOpenOf,
  findExternalAlarm,
  insertExternalAlarm,
  selectSources,
} from './store-external.ts';

/** Who tells. */
export const ALARM_SOURCES = ['switch', 'regulator', 'bank', 'partner', 'customer'] as const;
export type AlarmSource = (typeof ALARM_SOURCES)[number];
/** What it can be about. */
export const ALARM_RAILS = ['bifast', 'switch', 'qris', 'biller'] as const;
export type AlarmRail = (typeof ALARM_RAILS)[number];

/** Alarms of one partner that nobody has read yet: more of them say no more, and must not hide those of others. */
const OPEN_MAX = 5;

interface Context {
  readonly db: Db;
  readonly time: Time;
  readonly random: Random;
}

export type Raised =
  | { readonly isNew: boolean; readonly id: string; readonly rail: AlarmRail }
  | { readonly isNew: false; readonly id: undefined };

/** Writes down what staff heard by telephone or mail. Idempotent by source and reference. */
export function raiseByStaff(
  context: Context,
  alarm: {
    readonly source: AlarmSource;
    readonly reference: string;
    readonly rail: AlarmRail;
    readonly staffId: string;
  },
): Promise<Raised> {
  return raise(context, alarm);
}

/** Takes what a partner signed. Whose voice it is says the setting `external.sources` of two people, else it is a partner's, which slows
 * a rail that nobody of us looks after and never stops it. Idempotent by the partner's reference; nothing is taken beyond five unread ones. */
export async function raiseByPartner(
  context: Context,
  alarm: { readonly partnerId: string; readonly reference: string; readonly rail: AlarmRail },
): Promise<Raised> {
  const { partnerId, rail } = alarm;
  const sources = readSources(await selectSources(context.db, context.time.now()));
  const source = sources.get(partnerId) ?? 'partner';
  const reference = `${partnerId}/${alarm.reference}`;
  return raise(context, { source, reference, rail, partnerId });
}

/** The networks' operators among the partners: `{"form":1,"sources":{"switch-op":"switch"}}`. What is not understood makes nobody one. */
function readSources(text: string | undefined): ReadonlyMap<string, AlarmSource> {
  const none = new Map<string, AlarmSource>();
  try {
    const value = JSON.parse(text ?? '{}') as { form?: unknown; sources?: unknown };
    if (value.form !== 1 || typeof value.sources !== 'object' || value.sources === null)
      return none;
    const known = Object.entries(value.sources).filter((entry): entry is [string, AlarmSource] =>
      ALARM_SOURCES.some((source) => source === entry[1]),
    );
    return new Map(known);
  } catch {
    return none;
  }
}

async function raise(
  { db, time, random }: Context,
  alarm: {
    readonly source: AlarmSource;
    readonly reference: string;
    readonly rail: AlarmRail;
    readonly staffId?: string;
    readonly partnerId?: string;
  },
): Promise<Raised> {
  const { source, reference, rail, staffId, partnerId } = alarm;
  const nowMs = time.now();
  const id = newId('xal', nowMs, random);
  const done = await db
    .tx(async (tx): Promise<'new' | 'known' | 'full'> => {
      const row = { id, source, reference, rail, staffId, partnerId, nowMs };
      if (!(await insertExternalAlarm(tx, row))) return 'known';
      if (partnerId !== undefined && (await countOpenOf(tx, partnerId)) > OPEN_MAX)
        throw new Full();
      const data = { rail, source, reference, ...(staffId && { by: staffId }), partnerId };
      await recordEvents(tx, [{ atMs: nowMs, kind: 'external_alarm.raised', subject: id, data }]);
      return 'new';
    })
    .catch((error: unknown) => {
      if (error instanceof Full) return 'full' as const;
      throw error;
    });
  if (done === 'full') return { isNew: false, id: undefined };
  if (done === 'new') return { isNew: true, id, rail };
  const known = await findExternalAlarm(db, { source, reference });
  return known ? { isNew: false, ...known } : { isNew: false, id: undefined };
}

/** Rolls the row back. */
class Full extends Error {}
