import { railOfEntry, type FileFault } from '../../rail/journal-entry.ts';
import type { AlarmCode } from '../alarm.ts';
import { QUIET, type FlowDetector } from '../flow/detector.ts';

const CODES: Readonly<
  Record<FileFault, { readonly code: AlarmCode; readonly severity: 'P1' | 'P2' }>
> = {
  wrong_date: { code: 'file_wrong_date', severity: 'P2' },
  duplicate: { code: 'file_duplicate', severity: 'P2' },
  // What was the last word about money is another now.
  changed: { code: 'file_changed', severity: 'P1' },
};

/** D30: a settlement file as a whole is wrong. The gateway has not taken it (but for one that changed after it was taken); this tells people.
 * Restricts nothing: what lacks a statement stays open, and D9 counts the age of the match. Source: [rec]; domain.md 7.3 (Bank DKI 2019:
 * matching by file, months late). */
export const fileDetector: FlowDetector<null> = {
  id: 'D30',
  sees: ['journal'],
  numbers: {},
  start: () => null,
  fold(_state, seen) {
    if (seen.kind !== 'journal' || seen.body.kind !== 'file_fault') return QUIET;
    const { businessDate, fault } = seen.body;
    const about = `${railOfEntry(seen.body)} ${businessDate}`;
    const evidence = [about, `${seen.partition}#${seen.position}`];
    return [{ ...CODES[fault], about, evidence, act: { kind: 'alert' } }];
  },
};
