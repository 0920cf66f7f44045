/** Words of incidents: what kind, which facts are shown and in which order, and what is suspected. */
const id = {
  kinds: { fraud: 'Uang keluar tanpa otorisasi buku besar' } as Readonly<Record<string, string>>,
  facts: {
    confidence: 'Keyakinan',
    suspectedCause: 'Dugaan penyebab',
    transactionCount: 'Jumlah transaksi',
    valueAtRiskSen: 'Nilai berisiko',
    valueLostSen: 'Nilai keluar tanpa otorisasi',
    occurredAtMs: 'Terjadi',
    detectedAtMs: 'Terdeteksi',
    draftReadyAtMs: 'Draf laporan siap',
    nextUpdateAtMs: 'Kabar berikutnya',
  } as Readonly<Record<string, string>>,
  values: {
    SUSPECTED: 'dugaan',
    CONFIRMED: 'terbukti',
    'instructions with identifiers that the bank never issued':
      'instruksi dengan nomor yang tidak pernah diterbitkan bank',
    "a connector that is not the bank's sent instructions in its name":
      'konektor yang bukan milik bank mengirim atas nama bank',
    'instructions signed without a ledger debit': 'instruksi ditandatangani tanpa debit buku besar',
    'one instruction settled more than once': 'satu instruksi diselesaikan lebih dari sekali',
    'settlement that the ledger did not authorise':
      'penyelesaian yang tidak diotorisasi buku besar',
  } as Readonly<Record<string, string>>,
};

const en: typeof id = {
  kinds: { fraud: 'Money left without the ledger’s authorisation' },
  facts: {
    confidence: 'Confidence',
    suspectedCause: 'Suspected cause',
    transactionCount: 'Transactions',
    valueAtRiskSen: 'Value at risk',
    valueLostSen: 'Value that left unauthorised',
    occurredAtMs: 'Occurred',
    detectedAtMs: 'Detected',
    draftReadyAtMs: 'Draft of the report ready',
    nextUpdateAtMs: 'Next update',
  },
  values: { SUSPECTED: 'suspected', CONFIRMED: 'confirmed' },
};

/** All of it. */
export const INCIDENT_WORDS = { id, en } as const;
