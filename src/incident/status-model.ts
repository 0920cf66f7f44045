/** The public state of each service, derived from restrictions, measured outcomes and signs of life; a person adds words, never
 * colours (I7). Pure; the guard writes the result as a file, and every face can say how old it is. */
import type { Restriction } from '../gate/restriction.ts';
import { SERVICES, touches, type Both, type Language, type Service } from './service.ts';

export type ServiceState = 'normal' | 'watched' | 'limited' | 'stopped' | 'recovering' | 'unknown';

/** The one explanation of a restriction for customers, on every face; injected, so that all say the same. */
export type Explain = (input: {
  readonly restriction: Restriction;
  readonly language: Language;
  readonly nowMs: number;
}) => {
  readonly word: string;
  readonly title: string;
  readonly reason: string;
  readonly alternative: string;
};

export interface ServiceStatus {
  readonly key: string;
  readonly name: Both;
  readonly state: ServiceState;
  /** Share of customers served while recovering, 0–100. */
  readonly percent?: number;
  readonly word: Both;
  readonly title: Both;
  readonly reason: Both;
  readonly alternative: Both;
  /** Services to use instead that run as usual now. */
  readonly instead?: readonly Service['key'][];
  readonly sinceMs?: number;
  readonly nextUpdateAtMs?: number;
  readonly restrictionIds: readonly string[];
  /** Measured over the last minute, basis points; absent without enough payments. */
  readonly successBps?: number;
}

export interface StatusFile {
  readonly version: 1;
  readonly generatedAtMs: number;
  readonly bank: string;
  readonly overall: ServiceState;
  readonly services: readonly ServiceStatus[];
  readonly notices: readonly {
    readonly id: string;
    readonly atMs: number;
    readonly text: Both;
    readonly nextUpdateAtMs?: number;
  }[];
  /** Until when these facts may be called current. */
  readonly freshForMs: number;
}

/** What is measured of one service. */
export interface Measure {
  readonly settled: number;
  readonly failed: number;
  readonly unknown: number;
}

/** Facts older than this are not shown as the state of now. */
export const STATUS_FRESH_MS = 30_000;
const MEASURED_MIN = 30;
/** So few say nothing of a percent, but enough where most of them fail. */
const FEW_MIN = 8;
const MOST_BPS = 5_000;
/** domain.md 7.7: normal at 98 % and above, in trouble below 95 %. */
const WATCHED_BPS = 9_800;
const LIMITED_BPS = 9_500;

const WORD: Readonly<Record<ServiceState, Both>> = {
  normal: { id: 'Normal', en: 'Normal' },
  watched: { id: 'Dipantau', en: 'Watched' },
  limited: { id: 'Gangguan sebagian', en: 'Partly disrupted' },
  stopped: { id: 'Gangguan', en: 'Disrupted' },
  recovering: { id: 'Pemulihan bertahap', en: 'Coming back in stages' },
  unknown: { id: 'Belum dapat dipastikan', en: 'Not known' },
};

const MEASURED: Both = {
  id: 'Sebagian transaksi belum berhasil. Kami sedang memeriksanya.',
  en: 'Some transactions do not succeed. We are looking into it.',
};
const SILENT: Both = {
  id: 'Kami belum dapat memastikan keadaan layanan ini. Periksa kembali sebentar lagi.',
  en: 'We cannot tell the state of this service right now. Please look again shortly.',
};
const NONE: Both = { id: '', en: '' };

/** Builds the file. `silent` names services whose processes gave no sign of life. */
export function buildStatus(input: {
  readonly bank: string;
  readonly nowMs: number;
  readonly restrictions: readonly Restriction[];
  readonly measures: Readonly<Record<string, Measure>>;
  readonly silent: readonly string[];
  readonly notices: StatusFile['notices'];
  readonly explain: Explain;
}): StatusFile {
  const services = withOther(SERVICES.map((service) => serviceStatus(service, input)));
  return {
    version: 1,
    generatedAtMs: input.nowMs,
    bank: input.bank,
    overall: worst(services.map(({ state }) => state)),
    services,
    notices: input.notices,
    freshForMs: STATUS_FRESH_MS,
  };
}

/** Names another way to the same where one is disturbed, and only one that runs as usual: nobody is sent from one trouble into another. */
function withOther(services: readonly ServiceStatus[]): readonly ServiceStatus[] {
  return services.map((status) => {
    const { other } = SERVICES.find(({ key }) => key === status.key)!; // made of SERVICES
    const isOpen = services.some(({ key, state }) => key === other?.key && state === 'normal');
    if (!other || !isOpen || status.state === 'normal') return status;
    const { id, en } = status.alternative;
    const alternative = { id: `${other.words.id} ${id}`, en: `${other.words.en} ${en}` };
    return { ...status, alternative, instead: [other.key] };
  });
}

/** What may be shown at `nowMs`: facts that are too old say nothing about now, so every service is unknown. */
export function agedStatus(file: StatusFile, nowMs: number): StatusFile {
  if (nowMs - file.generatedAtMs <= file.freshForMs) return file;
  const services = file.services.map((service): ServiceStatus => {
    const { percent: _, successBps: __, ...rest } = service;
    return { ...rest, state: 'unknown', word: WORD.unknown, reason: SILENT };
  });
  return { ...file, overall: 'unknown', services };
}

function serviceStatus(
  service: Service,
  input: {
    readonly nowMs: number;
    readonly restrictions: readonly Restriction[];
    readonly measures: Readonly<Record<string, Measure>>;
    readonly silent: readonly string[];
    readonly explain: Explain;
  },
): ServiceStatus {
  const touching = input.restrictions
    .map((restriction) => ({ restriction, state: stateUnder(service, restriction) }))
    .filter(
      (one): one is { restriction: Restriction; state: ServiceState } => one.state !== undefined,
    )
    .sort(
      (a, b) => rank(b.state) - rank(a.state) || a.restriction.madeAtMs - b.restriction.madeAtMs,
    );
  const successBps = successOf(service, input.measures);
  const base = {
    key: service.key,
    name: service.name,
    restrictionIds: touching.map(({ restriction }) => restriction.id),
    ...(successBps === undefined ? {} : { successBps }),
  };
  const main = touching[0];
  if (main) return { ...base, ...restricted(service, main, input) };
  if (input.silent.includes(service.key)) {
    return {
      ...base,
      state: 'unknown',
      word: WORD.unknown,
      title: service.name,
      reason: SILENT,
      alternative: service.alternative,
    };
  }
  const state =
    successBps === undefined || successBps >= WATCHED_BPS
      ? 'normal'
      : successBps >= LIMITED_BPS
        ? 'watched'
        : 'limited';
  const isFine = state === 'normal';
  return {
    ...base,
    state,
    word: WORD[state],
    title: service.name,
    reason: isFine ? NONE : MEASURED,
    alternative: isFine ? NONE : service.alternative,
  };
}

function restricted(
  service: Service,
  main: { readonly restriction: Restriction; readonly state: ServiceState },
  input: { readonly nowMs: number; readonly explain: Explain },
): Omit<ServiceStatus, 'key' | 'name' | 'restrictionIds'> {
  const { restriction, state } = main;
  const said = {
    id: input.explain({ restriction, language: 'id', nowMs: input.nowMs }),
    en: input.explain({ restriction, language: 'en', nowMs: input.nowMs }),
  };
  const { admission } = restriction;
  return {
    state,
    word: { id: said.id.word, en: said.en.word },
    title: { id: said.id.title, en: said.en.title },
    reason: { id: said.id.reason, en: said.en.reason },
    alternative: {
      id: said.id.alternative || service.alternative.id,
      en: said.en.alternative || service.alternative.en,
    },
    sinceMs: restriction.madeAtMs,
    nextUpdateAtMs: restriction.nextUpdateAtMs,
    ...(state === 'recovering' && admission
      ? { percent: admission.staffOnly ? 0 : Math.floor(admission.bucketsBelow / 100) }
      : {}),
  };
}

/** What one restriction makes of a service; undefined = nothing. A service is never greener than its restriction. */
function stateUnder(service: Service, restriction: Restriction): ServiceState | undefined {
  const how = touches(service, restriction.scope);
  if (how === 'none') return undefined;
  if (restriction.admission) return how === 'whole' ? 'recovering' : 'limited';
  switch (restriction.action.kind) {
    case 'stop':
      return how === 'whole' ? 'stopped' : 'limited';
    case 'cap':
    case 'throttle':
    case 'hold':
      return 'limited';
    case 'step_up':
    case 'allow':
      return 'watched';
  }
}

function successOf(
  service: Service,
  measures: Readonly<Record<string, Measure>>,
): number | undefined {
  const parts = service.paymentKinds.flatMap((kind) => (measures[kind] ? [measures[kind]] : []));
  const settled = parts.reduce((all, part) => all + part.settled, 0);
  const count = parts.reduce((all, part) => all + part.settled + part.failed + part.unknown, 0);
  const bps = count < FEW_MIN ? undefined : Math.floor((settled * 10_000) / count);
  return bps === undefined || (count < MEASURED_MIN && bps >= MOST_BPS) ? undefined : bps;
}

function rank(state: ServiceState): number {
  return { normal: 0, watched: 1, unknown: 2, recovering: 3, limited: 4, stopped: 5 }[state];
}

function worst(states: readonly ServiceState[]): ServiceState {
  return states.reduce(
    (all, state) => (rank(state) > rank(all) ? state : all),
    'normal' as ServiceState,
  );
}
