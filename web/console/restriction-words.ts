/** Words of restrictions: what they touch, what they cost, what they propose. */
const id = {
  harm: 'Transaksi sehat yang ditolak',
  harmSuspect: (n: number) => `${n} mencurigakan`,
  proposeNarrow: (spares: number) =>
    `Usul: cukup batasi yang ini; ${spares} transaksi sehat tidak perlu ditolak`,
  proposeRelease: (spares: number) =>
    `Usul: buka bertahap; ${spares} transaksi sehat ditolak tanpa ada yang mencurigakan`,
  askNarrow: 'Ajukan penyempitan',
  narrowTo: 'Dipersempit menjadi',
  part: {
    buckets: (from: number, to: number) => `kelompok ${from}–${to}`,
    cohort: (name: string, n: number) => `nasabah ${name} (${n})`,
    payees: (n: number) => `${n} penerima`,
    category: (name: string) => `penerima ${name}`,
  },
};

const en: typeof id = {
  harm: 'Healthy payments refused',
  harmSuspect: (n) => `${n} suspect`,
  proposeNarrow: (spares) =>
    `Proposal: this much is enough; ${spares} healthy payments need not be refused`,
  proposeRelease: (spares) =>
    `Proposal: open in stages; ${spares} healthy payments refused and nothing suspect`,
  askNarrow: 'Ask to narrow',
  narrowTo: 'Narrowed to',
  part: {
    buckets: (from, to) => `buckets ${from}–${to}`,
    cohort: (name, n) => `customers ${name} (${n})`,
    payees: (n) => `${n} payees`,
    category: (name) => `payees ${name}`,
  },
};

/** In both languages. */
export const RESTRICTION_WORDS = { id, en };
