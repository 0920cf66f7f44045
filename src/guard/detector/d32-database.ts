import type { StreamEvent } from '../../audit/event.ts';
import { QUIET, type Finding, type FlowDetector } from '../flow/detector.ts';

const NUMBERS = { heightenMs: 24 * 3_600_000 } as const;

/** D32: the database was changed past the application: rows deleted that nobody deletes, rows changed in a mass (ransomware, a hand with the
 * owner's rights), or triggers, rights, functions or roles are other than they were. A change with a migration is an upgrade and is told for the
 * record. A canary that is touched (canary-watch.ts) is the same hand, seen before it changes anything: for a day thresholds of money that leaves
 * are halved. Otherwise alerts only: what a restriction could stop here has happened, and the signer and the gateway believe no row by
 * itself. Source: [rec]; issue 5 (other security signs). */
export const databaseDetector: FlowDetector<null, typeof NUMBERS> = {
  id: 'D32',
  sees: ['event'],
  numbers: NUMBERS,
  start: () => null,
  fold(_state, seen, look) {
    if (seen.kind !== 'event') return QUIET;
    if (seen.event.kind === 'canary.touched') {
      look.heighten(look.nowMs + look.numbers.heightenMs);
      return [touched(seen.event)];
    }
    if (seen.event.kind !== 'database.changed') return QUIET;
    const { subject, data } = seen.event;
    const isPart = data['what'] === 'part';
    const isUpgrade = isPart && data['migrations'] !== '0';
    const figures = ['deleted', 'updated', 'migrations'].flatMap((name) => {
      const value = data[name];
      return typeof value === 'string' ? [`${name}=${value}`] : [];
    });
    return [
      {
        code: isPart ? 'database_changed' : 'rows_changed',
        severity: isUpgrade ? 'P3' : 'P1',
        about: subject,
        evidence: [subject, ...figures],
        act: { kind: 'alert' },
      },
    ];
  },
};

function touched({ subject, data }: StreamEvent): Finding {
  const how = [data['what'], data['how']].map(String);
  return {
    code: 'canary_touched',
    severity: 'P1',
    about: [subject, ...how].join(' '),
    evidence: [subject, ...how],
    act: { kind: 'alert' },
  };
}
