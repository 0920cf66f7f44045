/** Regulators' clocks. Profiles are versioned data (domain.md 6.1, 6.4); the engine knows clock time, calendar days and
 * working days, all in WIB. Pure. */
import { wibDate } from '../kernel/time.ts';
import { addWorkingDays } from './calendar.ts';

/** What an incident is, as far as reporting duties depend on it. */
export interface Classification {
  readonly types: readonly ('FRAUD' | 'CYBER' | 'IT_OUTAGE')[];
  readonly rail?: 'BIFAST';
  readonly isSignificant: boolean;
  readonly isPersonalDataBreach: boolean;
  /** The bank is named as vital information infrastructure (BSSN). */
  readonly isVitalInfrastructure: boolean;
}

export interface ProfileStep {
  readonly name: string;
  readonly unit: 'clock' | 'calendar_day' | 'working_day';
  /** Milliseconds for clock; days otherwise. */
  readonly due: number;
  /** The rule's text was not seen; a person must check it before relying on it. */
  readonly verify: boolean;
}

export interface Profile {
  readonly id: string;
  readonly regulator: string;
  readonly source: string;
  readonly appliesTo: (incident: Classification) => boolean;
  readonly steps: readonly ProfileStep[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Changes with every amendment; incidents keep the version that they were opened under. */
export const PROFILES_VERSION = 1;

const has =
  (type: Classification['types'][number]) =>
  (incident: Classification): boolean =>
    incident.types.includes(type);

/** The regulators' rules (domain.md 6.1, 6.4). */
export const PROFILES: readonly Profile[] = [
  {
    id: 'BI-FAST-FRAUD',
    regulator: 'Bank Indonesia, BI-FAST helpdesk',
    source: 'PADG 14/2025 (R1)',
    appliesTo: (incident) => has('FRAUD')(incident) && incident.rail === 'BIFAST',
    steps: [
      { name: 'notify', unit: 'clock', due: 30 * MINUTE, verify: false },
      { name: 'full', unit: 'calendar_day', due: 3, verify: false },
    ],
  },
  {
    id: 'BI-KKS',
    regulator: 'Bank Indonesia',
    source: 'PBI 2/2024, PADG 24/2024, PADG 14/2025 (R2, R3)',
    appliesTo: has('CYBER'),
    steps: [
      { name: 'notify', unit: 'clock', due: HOUR, verify: false },
      { name: 'full', unit: 'calendar_day', due: 3, verify: true },
    ],
  },
  {
    id: 'OJK-TI',
    regulator: 'OJK',
    source: 'POJK 11/POJK.03/2022, SEOJK 29/SEOJK.03/2022 (R4)',
    appliesTo: (incident) => incident.types.length > 0,
    steps: [
      { name: 'initial', unit: 'clock', due: 24 * HOUR, verify: false },
      { name: 'incident_report', unit: 'working_day', due: 5, verify: false },
    ],
  },
  {
    id: 'OJK-FRAUD',
    regulator: 'OJK',
    source: 'POJK 12/2024 (R5)',
    appliesTo: (incident) => has('FRAUD')(incident) && incident.isSignificant,
    steps: [{ name: 'report', unit: 'working_day', due: 3, verify: false }],
  },
  {
    id: 'BSSN-IIV',
    regulator: 'BSSN, sector CSIRT',
    source: 'Peraturan BSSN 1/2024 (R6)',
    appliesTo: (incident) => has('CYBER')(incident) && incident.isVitalInfrastructure,
    steps: [{ name: 'notify', unit: 'clock', due: 24 * HOUR, verify: false }],
  },
  {
    id: 'PDP',
    regulator: 'Lembaga PDP and data subjects',
    source: 'UU 27/2022 article 46 (R7)',
    appliesTo: (incident) => incident.isPersonalDataBreach,
    steps: [{ name: 'subjects_and_agency', unit: 'clock', due: 72 * HOUR, verify: false }],
  },
];

export interface Deadline {
  readonly profile: string;
  readonly regulator: string;
  readonly step: string;
  readonly dueMs: number;
  readonly verify: boolean;
  readonly source: string;
}

/** Every clock that runs from `awareMs` on, soonest first. A working-day step is due at the end of its day (WIB), the reading
 * of domain.md 6.5, which gives dates; where the calendar ends it is due after as many calendar days, marked to verify. */
export function deadlinesOf(incident: Classification, awareMs: number): readonly Deadline[] {
  return PROFILES.filter((profile) => profile.appliesTo(incident))
    .flatMap((profile) =>
      profile.steps.map((step): Deadline => {
        const due = dueOf(step, awareMs);
        return {
          profile: profile.id,
          regulator: profile.regulator,
          step: step.name,
          dueMs: due.atMs,
          verify: step.verify || due.isGuess,
          source: profile.source,
        };
      }),
    )
    .sort((a, b) => a.dueMs - b.dueMs);
}

function dueOf(
  step: ProfileStep,
  awareMs: number,
): { readonly atMs: number; readonly isGuess: boolean } {
  switch (step.unit) {
    case 'clock':
      return { atMs: awareMs + step.due, isGuess: false };
    case 'calendar_day':
      return { atMs: awareMs + step.due * 24 * HOUR, isGuess: false };
    case 'working_day': {
      const date = addWorkingDays(wibDate(awareMs), step.due);
      if (date === undefined) return { atMs: awareMs + step.due * 24 * HOUR, isGuess: true };
      return { atMs: Date.parse(`${date}T23:59:59+07:00`), isGuess: false };
    }
  }
}

/** Shares of a clock at which people are reminded (domain.md 9, item 28). */
export const REMIND_AT = [50, 80, 100] as const;

/** The highest reminder share that has passed; 0 before the first. */
export function reminderOf(input: {
  readonly fromMs: number;
  readonly dueMs: number;
  readonly nowMs: number;
}): number {
  const percent = ((input.nowMs - input.fromMs) * 100) / Math.max(1, input.dueMs - input.fromMs);
  return REMIND_AT.filter((share) => percent >= share).at(-1) ?? 0;
}
