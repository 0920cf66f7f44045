/** The words of the shared components, in both languages. */
export interface UiWords {
  readonly state: Readonly<
    Record<'normal' | 'watched' | 'limited' | 'stopped' | 'recovering' | 'unknown', string>
  >;
  readonly nextUpdate: string;
  readonly alternative: string;
  readonly close: string;
  readonly loading: string;
  readonly done: string;
  readonly current: string;
  readonly ahead: string;
  readonly failed: string;
}

export const UI_WORDS: Readonly<Record<'id' | 'en', UiWords>> = {
  id: {
    state: {
      normal: 'Normal',
      watched: 'Dipantau',
      limited: 'Dibatasi sementara',
      stopped: 'Dihentikan sementara',
      recovering: 'Pemulihan bertahap',
      unknown: 'Belum diketahui',
    },
    nextUpdate: 'Kabar berikutnya',
    alternative: 'Sementara ini',
    close: 'Tutup',
    loading: 'Sedang memuat',
    done: 'selesai',
    current: 'sedang berjalan',
    ahead: 'belum',
    failed: 'tidak berhasil',
  },
  en: {
    state: {
      normal: 'Normal',
      watched: 'Being watched',
      limited: 'Temporarily limited',
      stopped: 'Temporarily stopped',
      recovering: 'Recovering in stages',
      unknown: 'Not known yet',
    },
    nextUpdate: 'Next update',
    alternative: 'For now',
    close: 'Close',
    loading: 'Loading',
    done: 'done',
    current: 'in progress',
    ahead: 'not yet',
    failed: 'did not succeed',
  },
};
