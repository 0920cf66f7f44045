/** Public notices from templates (domain.md 8.2), in both languages, and the wording guard. A notice is stored as template +
 * parameters, so that every reader gets his own language and no free text can say what the evidence does not. Pure. */
import type { ReasonClass } from '../gate/restriction.ts';
import { assert } from '../kernel/assert.ts';
import type { Both, Language } from './service.ts';

/** What a template may be used for: a containment can never take the maintenance template, by type and again at run time. */
export type TemplateFor<Class extends ReasonClass> = Class extends 'maintenance'
  ? 'maintenance_planned'
  : Class extends 'containment'
    ? 'containment_first' | 'containment_update' | 'recovery_stage' | 'recovered'
    : Class extends 'partner'
      ? 'partner_first' | 'outage_update' | 'recovery_stage' | 'recovered'
      : Class extends 'exercise'
        ? 'exercise_first'
        : 'outage_first' | 'outage_update' | 'recovery_stage' | 'recovered';

export type NoticeTemplate = TemplateFor<ReasonClass>;

export interface NoticeDraft<Class extends ReasonClass = ReasonClass> {
  readonly reasonClass: Class;
  readonly template: TemplateFor<Class>;
  readonly params: Readonly<Record<string, string>>;
}

const ALLOWED: Readonly<Record<ReasonClass, readonly NoticeTemplate[]>> = {
  containment: ['containment_first', 'containment_update', 'recovery_stage', 'recovered'],
  technical: ['outage_first', 'outage_update', 'recovery_stage', 'recovered'],
  partner: ['partner_first', 'outage_update', 'recovery_stage', 'recovered'],
  maintenance: ['maintenance_planned'],
  exercise: ['exercise_first'],
};

/** `{name}` is a parameter; `{name.id}`/`{name.en}` follow the reader. Source: domain.md 8.2 items 1, 2, 3, 6, 7, 8. */
export const NOTICE_TEXT: Readonly<Record<NoticeTemplate, Both>> = {
  containment_first: {
    id: 'Layanan {service} kami batasi sementara sejak {since} demi keamanan transaksi. Yang tetap dapat digunakan: {open}. Transaksi yang masih berstatus Sedang diproses jangan diulangi. Kabar berikutnya pukul {next} di aplikasi, situs resmi, dan {contact}. Kami tidak pernah meminta PIN atau OTP.',
    en: 'We have temporarily restricted {service} since {since} to keep transactions safe. Still available: {open}. Do not repeat transactions that are in progress. Next update at {next} in the app, on our website and at {contact}. We never ask for your PIN or OTP.',
  },
  containment_update: {
    id: 'Layanan {service} masih kami batasi sementara sejak {since} demi keamanan transaksi. Pemeriksaan masih berjalan. Yang tetap dapat digunakan: {open}. Kabar berikutnya pukul {next}.',
    en: '{service}: still temporarily restricted since {since} to keep transactions safe. Checks go on. Still available: {open}. Next update at {next}.',
  },
  outage_first: {
    id: '{service} sedang mengalami gangguan sejak {since}. Penyebab sedang kami tangani. Alternatif: {open}. Kabar berikutnya pukul {next}.',
    en: '{service}: disrupted since {since}. We are working on the cause. Alternatives: {open}. Next update at {next}.',
  },
  outage_update: {
    id: '{service} masih mengalami gangguan sejak {since}. Alternatif: {open}. Kabar berikutnya pukul {next}.',
    en: '{service}: still disrupted since {since}. Alternatives: {open}. Next update at {next}.',
  },
  partner_first: {
    id: '{service} sedang terganggu di jaringan tujuan sejak {since}. Layanan kami lainnya: {open}. Transaksi yang terlanjur dikirim kami pastikan statusnya, Anda tidak perlu mengulang. Kabar berikutnya pukul {next}.',
    en: "{service}: disrupted in the other bank's network since {since}. Our other services: {open}. We make sure of what was sent already; you need not repeat it. Next update at {next}.",
  },
  maintenance_planned: {
    id: 'Pemeliharaan terjadwal {service} sejak {since}. Yang tetap dapat digunakan: {open}. Kabar berikutnya pukul {next}.',
    en: 'Planned maintenance of {service} since {since}. Still available: {open}. Next update at {next}.',
  },
  recovery_stage: {
    id: 'Tahap {stage} dari {stages}: {service} mulai dapat digunakan kembali sejak {since}. Kabar berikutnya pukul {next}. Perkiraan dapat berubah bila pemeriksaan keamanan belum selesai.',
    en: 'Stage {stage} of {stages}: {service} is coming back since {since}. Next update at {next}. This may change while safety checks go on.',
  },
  recovered: {
    id: '{service} sudah pulih sejak {since} dan masih kami pantau. Jika ada transaksi yang belum sesuai, laporkan lewat {contact}; nomor laporan langsung diberikan.',
    en: '{service} is back since {since} and we keep watching it. If a transaction is not right, tell us at {contact}; you get a report number at once.',
  },
  exercise_first: {
    id: 'Latihan: {service} dihentikan sementara sejak {since}. Kabar berikutnya pukul {next}.',
    en: 'Exercise: {service} is stopped since {since}. Next update at {next}.',
  },
};

const MAINTENANCE = /pemeliharaan|maintenance|perawatan|pemutakhiran sistem/i;
const MONEY_SAFE = /dana .{0,30}aman|uang .{0,30}aman|money .{0,30}safe|funds .{0,30}safe/i;

export type WordingRefusal =
  | 'template_not_allowed'
  | 'containment_called_maintenance'
  | 'money_safe_without_evidence';

/** The wording guard (domain.md 9, item 33): also checks words that a person added. `reconciledSnapshotId` names the match run
 * that found zero unexplained differences; without it nobody may say that money is safe. Undefined = may be published. */
export function refuseWording(input: {
  readonly reasonClass: ReasonClass;
  readonly template?: NoticeTemplate;
  readonly text: string;
  readonly reconciledSnapshotId?: string;
}): WordingRefusal | undefined {
  if (input.template !== undefined && !ALLOWED[input.reasonClass].includes(input.template))
    return 'template_not_allowed';
  if (input.reasonClass !== 'maintenance' && MAINTENANCE.test(input.text))
    return 'containment_called_maintenance';
  if (MONEY_SAFE.test(input.text) && !input.reconciledSnapshotId)
    return 'money_safe_without_evidence';
  return undefined;
}

/** Makes a notice whose template fits its reason. The types refuse a wrong pair; data that lies about its type asserts. */
export function makeNotice<Class extends ReasonClass>(
  draft: NoticeDraft<Class>,
): NoticeDraft<Class> {
  for (const language of ['id', 'en'] as const) {
    const refusal = refuseWording({
      reasonClass: draft.reasonClass,
      template: draft.template as NoticeTemplate,
      text: renderNotice({
        template: draft.template as NoticeTemplate,
        params: draft.params,
        language,
      }),
    });
    assert(refusal === undefined, `a notice says only what its cause allows (${refusal})`);
  }
  return draft;
}

/** The text for one reader. A parameter may exist per language (`open.id`, `open.en`). */
export function renderNotice(input: {
  readonly template: NoticeTemplate;
  readonly params: Readonly<Record<string, string>>;
  readonly language: Language;
}): string {
  const { params, language } = input;
  return NOTICE_TEXT[input.template][language].replace(
    /\{(\w+)\}/g,
    (_, name: string) => params[`${name}.${language}`] ?? params[name] ?? '–',
  );
}

/** Which template tells of a restriction: first, then as an update. */
export function templateFor(reasonClass: ReasonClass, isFirst: boolean): NoticeTemplate {
  switch (reasonClass) {
    case 'containment':
      return isFirst ? 'containment_first' : 'containment_update';
    case 'technical':
      return isFirst ? 'outage_first' : 'outage_update';
    case 'partner':
      return isFirst ? 'partner_first' : 'outage_update';
    case 'maintenance':
      return 'maintenance_planned';
    case 'exercise':
      return 'exercise_first';
  }
}
