import { QUIET, type FlowDetector } from '../flow/detector.ts';

/** D32: the database was changed past the application: rows deleted that nobody deletes, rows changed in a mass (ransomware, a hand with the
 * owner's rights), or triggers, rights, functions or roles are other than they were. A change with a migration is an upgrade and is told for the
 * record. Alerts only: what a restriction could stop here has happened, and the signer and the gateway believe no row by itself. Source: [rec];
 * issue 5 (other security signs). */
export const databaseDetector: FlowDetector<null> = {
  id: 'D32',
  sees: ['event'],
  numbers: {},
  start: () => null,
  fold(_state, seen) {
    if (seen.kind !== 'event' || seen.event.kind !== 'database.changed') return QUIET;
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
