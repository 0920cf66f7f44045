/** What the public may be told now: the guard's facts, aged, under what the gateways' own stop buttons hold back. Pure. The
 * gateway's word wins over the guard's, because it is written also when everything else is dead (I9). */
import {
  agedStatus,
  type ServiceState,
  type ServiceStatus,
  type StatusFile,
} from '../../incident/status-model.ts';
import { SERVICES } from '../../incident/service.ts';
import type { LatchFile } from '../../rail/latch-file.ts';

export interface Truth {
  readonly nowMs: number;
  /** When the guard wrote its facts; undefined = never. */
  readonly generatedAtMs: number | undefined;
  readonly isOld: boolean;
  readonly overall: ServiceState;
  readonly services: readonly ServiceStatus[];
  readonly notices: StatusFile['notices'];
}

const RANK: readonly ServiceState[] = [
  'normal',
  'watched',
  'recovering',
  'unknown',
  'limited',
  'stopped',
];

const LATCHED = {
  word: { id: 'Dihentikan sementara', en: 'Temporarily stopped' },
  reason: {
    id: 'Layanan ini kami hentikan sementara demi keamanan transaksi. Transaksi yang masih berstatus Sedang diproses jangan diulangi.',
    en: 'We have stopped this service for now to keep transactions safe. Do not repeat a transaction that still says In progress.',
  },
} as const;

/** Merges the files. A missing status file makes every service unknown, never green. */
export function readTruth(input: {
  readonly file: StatusFile | undefined;
  readonly latches: readonly LatchFile[];
  readonly nowMs: number;
}): Truth {
  const { nowMs } = input;
  const base = input.file && agedStatus(input.file, nowMs);
  const services = (base?.services ?? SERVICES.map(unknownService)).map((service) =>
    underLatch(service, input.latches),
  );
  return {
    nowMs,
    generatedAtMs: input.file?.generatedAtMs,
    isOld: !input.file || nowMs - input.file.generatedAtMs > input.file.freshForMs,
    overall: services.reduce<ServiceState>(
      (worst, { state }) => (RANK.indexOf(state) > RANK.indexOf(worst) ? state : worst),
      'normal',
    ),
    services,
    notices: input.file?.notices ?? [],
  };
}

function unknownService({ key, name, alternative }: (typeof SERVICES)[number]): ServiceStatus {
  return {
    key,
    name,
    state: 'unknown',
    word: { id: 'Belum dapat dipastikan', en: 'Not known' },
    title: name,
    reason: {
      id: 'Kami belum dapat memastikan keadaan layanan ini. Periksa kembali sebentar lagi.',
      en: 'We cannot tell the state of this service right now. Please look again shortly.',
    },
    alternative,
    restrictionIds: [],
  };
}

/** A recovering service keeps its stage: the latch admits by the same release. */
function underLatch(service: ServiceStatus, files: readonly LatchFile[]): ServiceStatus {
  const known = SERVICES.find(({ key }) => key === service.key);
  const found = files
    .flatMap(({ latches }) => latches)
    .find(({ rail, direction }) => known?.flow.rail === rail && known.flow.direction === direction);
  if (!found || service.state === 'stopped' || service.state === 'recovering') return service;
  return {
    ...service,
    state: 'stopped',
    ...LATCHED,
    alternative: known?.alternative ?? service.alternative,
    sinceMs: found.atMs,
  };
}
