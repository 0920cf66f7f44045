/** First notices to regulators, pre-filled from the incident record (domain.md 6.4: the common field set). A draft is ready
 * with the containment, so that thirty minutes are for people, not for typing. Pure. */
import type { BankProfile } from '../kernel/bank.ts';
import { formatIdr, formatRupiah } from '../kernel/money.ts';
import { wibClock, wibDate, wibIso } from '../kernel/time.ts';
import type { Deadline } from './deadline.ts';
import type { IncidentFacts } from './record.ts';

export interface FirstNotice {
  readonly incidentId: string;
  readonly profile: string;
  readonly step: string;
  readonly dueMs: number;
  readonly readyAtMs: number;
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** The steps that are first notices. */
const FIRST_STEPS: readonly string[] = ['notify', 'initial', 'subjects_and_agency', 'report'];

/** One draft per first notice that is due, soonest first. */
export function firstNotices(input: {
  readonly id: string;
  readonly facts: IncidentFacts;
  readonly bank: BankProfile;
  readonly contact: string;
}): readonly FirstNotice[] {
  return input.facts.deadlines
    .filter(({ step }) => FIRST_STEPS.includes(step))
    .map((deadline) => ({
      incidentId: input.id,
      profile: deadline.profile,
      step: deadline.step,
      dueMs: deadline.dueMs,
      readyAtMs: input.facts.draftReadyAtMs,
      json: noticeJson({ ...input, deadline }),
      text: noticeText({ ...input, deadline }),
    }));
}

interface Case {
  readonly id: string;
  readonly facts: IncidentFacts;
  readonly bank: BankProfile;
  readonly contact: string;
  readonly deadline: Deadline;
}

function noticeJson({
  id,
  facts,
  bank,
  contact,
  deadline,
}: Case): Readonly<Record<string, unknown>> {
  return {
    profile: deadline.profile,
    step: deadline.step,
    source: deadline.source,
    dueAt: wibIso(deadline.dueMs),
    incidentId: id,
    reporter: { name: bank.name, bic: bank.bic, bankCode: bank.bankCode, contact24h: contact },
    occurredAt: wibIso(facts.occurredAtMs),
    detectedAt: wibIso(facts.detectedAtMs),
    containedAt: facts.containedAtMs === undefined ? null : wibIso(facts.containedAtMs),
    confidence: facts.confidence,
    services: facts.services,
    rails: ['BI-FAST'],
    transactionCount: facts.transactionCount,
    valueAtRisk: { value: formatIdr(BigInt(facts.valueAtRiskSen)), currency: 'IDR' },
    valueLost: { value: formatIdr(BigInt(facts.valueLostSen)), currency: 'IDR' },
    suspectedCause: facts.suspectedCause,
    receivingBanks: facts.banks,
    connectors: facts.connectors,
    containment: facts.containment.map(({ atMs, what }) => ({ at: wibIso(atMs), what })),
    evidence: facts.evidence,
    nextUpdateAt: wibIso(facts.nextUpdateAtMs),
  };
}

function noticeText({ id, facts, bank, contact, deadline }: Case): string {
  const when = (ms: number): string => `${wibDate(ms)} ${wibClock(ms)}`;
  return [
    `PEMBERITAHUAN AWAL ${deadline.profile} (${deadline.source})`,
    `Kepada: ${deadline.regulator}. Batas waktu: ${when(deadline.dueMs)}.`,
    `Nomor insiden: ${id}. Pelapor: ${bank.name} (${bank.bic}). Kontak 24 jam: ${contact}.`,
    `Terjadi: ${when(facts.occurredAtMs)}. Terdeteksi: ${when(facts.detectedAtMs)}. Dibatasi: ${facts.containedAtMs === undefined ? 'sedang berjalan' : when(facts.containedAtMs)}.`,
    `Layanan terdampak: ${facts.services.join(', ')}.`,
    `Jumlah transaksi: ${facts.transactionCount}. Nilai berisiko: ${formatRupiah(BigInt(facts.valueAtRiskSen))}. Nilai keluar tanpa otorisasi: ${formatRupiah(BigInt(facts.valueLostSen))}.`,
    `Dugaan penyebab: ${facts.suspectedCause}.`,
    `Bank penerima: ${facts.banks.join(', ') || '–'}.`,
    `Tindakan: ${facts.containment.map(({ atMs, what }) => `${wibClock(atMs)} ${what}`).join('; ') || '–'}.`,
    `Pembaruan berikutnya: ${when(facts.nextUpdateAtMs)}.`,
  ].join('\n');
}
