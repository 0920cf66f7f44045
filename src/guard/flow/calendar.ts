/** Days and hours on which a bank is watched more closely, and days on which it is busier, as versioned data (`db/calendar.json`; a row
 * `guard.calendar` of `setting` that two people set replaces the whole table). Percent of the ordinary. Pure.
 * Source: domain.md 7.5: attackers choose nights, weekends and leave; THR and paydays are not attacks. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { assert } from '../../kernel/assert.ts';
import { wibDate } from '../../kernel/time.ts';

const FILE = join(import.meta.dirname, '../../../db/calendar.json');
const closed = { additionalProperties: false };
/** Thresholds may fall to a tenth and rise no more than the ordinary. */
const Caution = Type.Integer({ minimum: 10, maximum: 100 });
/** Expected traffic: never less than the ordinary, at most twenty times. */
const Volume = Type.Integer({ minimum: 100, maximum: 2_000 });
const DayKind = Type.Enum(['holiday', 'joint_leave', 'eve_of_eid', 'thr', 'payday', 'freeze']);

const Calendar = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    source: Type.String({ maxLength: 500 }),
    rules: Type.Object(
      {
        /** What thresholds are multiplied with, percent. Of several the lowest holds. */
        caution: Type.Object(
          {
            night: Caution,
            weekend: Caution,
            holiday: Caution,
            joint_leave: Caution,
            eve_of_eid: Caution,
            after_payday: Caution,
          },
          closed,
        ),
        /** What the usual traffic is multiplied with, percent. Of several the highest holds. */
        volume: Type.Object(
          {
            payday: Volume,
            after_payday: Volume,
            thr: Volume,
            eve_of_eid: Volume,
            holiday: Volume,
            joint_leave: Volume,
          },
          closed,
        ),
        /** WIB hours, the second exclusive. */
        nightHours: Type.Tuple([
          Type.Integer({ minimum: 0, maximum: 23 }),
          Type.Integer({ minimum: 1, maximum: 24 }),
        ]),
        /** Days of the month on which salaries come. */
        paydays: Type.Array(Type.Integer({ minimum: 1, maximum: 31 }), { maxItems: 10 }),
        afterPaydayDays: Type.Integer({ minimum: 0, maximum: 7 }),
        /** When protections are changed: WIB hours, the second exclusive. Absent = 08:00 to 17:00. */
        officeHours: Type.Optional(
          Type.Tuple([
            Type.Integer({ minimum: 0, maximum: 23 }),
            Type.Integer({ minimum: 1, maximum: 24 }),
          ]),
        ),
        /** Kinds of changes that name the order for them, and how such an order begins. Absent = none must. */
        tickets: Type.Optional(
          Type.Object(
            {
              kinds: Type.Array(Type.String({ maxLength: 60 }), { maxItems: 50 }),
              prefixes: Type.Array(Type.String({ pattern: '^[A-Z]{2,8}$' }), {
                minItems: 1,
                maxItems: 20,
              }),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
    years: Type.Array(
      Type.Object(
        {
          year: Type.Integer({ minimum: 2020, maximum: 2100 }),
          days: Type.Array(
            Type.Object(
              {
                date: Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\d$' }),
                kind: DayKind,
                name: Type.String({ maxLength: 80 }),
              },
              closed,
            ),
            { minItems: 1, maxItems: 200 },
          ),
        },
        closed,
      ),
      { maxItems: 20 },
    ),
  },
  closed,
);

/** A table that was checked. */
export type CalendarTable = Static<typeof Calendar>;

/** What the calendar says of an instant, as factors. */
export interface CalendarWord {
  /** At most 1: what thresholds are multiplied with. */
  readonly caution: number;
  /** At least 1: what the usual traffic is multiplied with. */
  readonly volume: number;
  /** Office hours of a weekday that is no holiday and no freeze: when changes are made (domain.md 7.5, D20). */
  readonly isOfficeTime: boolean;
  /** Whether a change of this kind lacks the order that it must name. */
  isTicketMissing(kind: string, ticket: string | undefined): boolean;
}

let known: CalendarTable | undefined;

/** The table of the repository; read once. */
export function readCalendar(): CalendarTable {
  known ??= parseCalendar(readFileSync(FILE, 'utf8'));
  assert(known, 'the calendar has its form');
  return known;
}

/** A table from text; undefined when it is not one: a typing error must not disarm anybody. */
export function parseCalendar(text: string): CalendarTable | undefined {
  try {
    const table: unknown = JSON.parse(text);
    return Value.Check(Calendar, table) ? table : undefined;
  } catch {
    return undefined;
  }
}

/** Answers for instants; what was asked last is remembered. */
export type CalendarAt = (atMs: number) => CalendarWord;

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const WIB_HOURS = 7;

/** Opens a table. */
export function openCalendar(table: CalendarTable): CalendarAt {
  const kinds = new Map<string, CalendarTable['years'][number]['days'][number]['kind'][]>();
  for (const { date, kind } of table.years.flatMap(({ days }) => days))
    kinds.set(date, [...(kinds.get(date) ?? []), kind]);
  const isTicketMissing = ticketCheck(table.rules);
  const known: { hour: number; word: CalendarWord } = {
    hour: Number.NaN,
    word: { caution: 1, volume: 1, isOfficeTime: false, isTicketMissing },
  };
  return (atMs) => {
    const hour = Math.floor(atMs / HOUR_MS);
    if (hour !== known.hour) {
      known.hour = hour;
      const days = kinds.get(wibDate(atMs)) ?? [];
      known.word = { ...wordOf(table.rules, { atMs, days }), isTicketMissing };
    }
    return known.word;
  };
}

type DayOf = CalendarTable['years'][number]['days'][number]['kind'];

function wordOf(
  rules: CalendarTable['rules'],
  { atMs, days }: { readonly atMs: number; readonly days: readonly DayOf[] },
): Omit<CalendarWord, 'isTicketMissing'> {
  const local = new Date(atMs + WIB_HOURS * HOUR_MS);
  const [hour, weekday] = [local.getUTCHours(), local.getUTCDay()];
  const isPayday = isPaydayAt(rules, atMs) || days.includes('payday');
  const isAfter = Array.from({ length: rules.afterPaydayDays }, (_, at) => at + 1).some((back) =>
    isPaydayAt(rules, atMs - back * DAY_MS),
  );
  const { caution, volume } = rules;
  const careful = [
    ...(hour >= rules.nightHours[0] && hour < rules.nightHours[1] ? [caution.night] : []),
    ...(weekday === 0 || weekday === 6 ? [caution.weekend] : []),
    ...(isAfter ? [caution.after_payday] : []),
    ...days.flatMap((day) => (isOrdinary(day) ? [] : [caution[day]])),
  ];
  const busy = [
    ...(isPayday ? [volume.payday] : []),
    ...(isAfter ? [volume.after_payday] : []),
    ...days.flatMap((day) => (day === 'freeze' ? [] : [volume[day]])),
  ];
  const [from, to] = rules.officeHours ?? OFFICE_HOURS;
  const isWorkday = weekday > 0 && weekday < 6 && !days.some((day) => FREE.has(day));
  return {
    caution: Math.min(100, ...careful) / 100,
    volume: Math.max(100, ...busy) / 100,
    isOfficeTime: isWorkday && hour >= from && hour < to,
  };
}

/** Days that ask for no more caution. */
function isOrdinary(day: DayOf): day is 'thr' | 'payday' | 'freeze' {
  return day === 'thr' || day === 'payday' || day === 'freeze';
}

function ticketCheck({ tickets }: CalendarTable['rules']): CalendarWord['isTicketMissing'] {
  const kinds = new Set(tickets?.kinds);
  const prefixes = tickets?.prefixes ?? [];
  return (kind, ticket) =>
    kinds.has(kind) && !prefixes.some((prefix) => ticket?.startsWith(`${prefix}-`) === true);
}

const OFFICE_HOURS = [8, 17] as const;
const FREE: ReadonlySet<DayOf> = new Set<DayOf>(['holiday', 'joint_leave', 'eve_of_eid', 'freeze']);

function isPaydayAt(rules: CalendarTable['rules'], atMs: number): boolean {
  return rules.paydays.includes(new Date(atMs + WIB_HOURS * HOUR_MS).getUTCDate());
}

/** From here on next year's table must be there: the decree comes in September or October. */
const NEXT_YEAR_FROM = '10-15';

/** The years whose table is missing: this one at any time, the next one from the middle of October on. */
export function missingYears(table: CalendarTable, atMs: number): readonly number[] {
  const date = wibDate(atMs);
  const year = Number(date.slice(0, 4));
  const needed = date.slice(5) >= NEXT_YEAR_FROM ? [year, year + 1] : [year];
  return needed.filter((one) => !table.years.some((known) => known.year === one));
}
