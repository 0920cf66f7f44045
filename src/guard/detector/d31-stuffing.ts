import { QUIET, type FlowDetector } from '../flow/detector.ts';

const NUMBERS = {
  /** Different people refused from one source within ten minutes. */
  namesMin: 20,
  /** Of all tries from there: behind one address of a company or a network most sign-ins are right. */
  refusedPercent: 60,
  /** One password on so many people. */
  samePasswordMin: 15,
} as const;

/** D31: names and passwords from elsewhere are tried here (many people fail from one source), or one common password is tried on many people. Each
 * of them has five tries of their own and a lock, so nobody gets in by this alone; it tells that somebody is at the door, and with a list. Alerts:
 * a stop of the app would be the attacker's outage. Source: [rec]; issue 5 (other security signs). */
export const stuffingDetector: FlowDetector<null, typeof NUMBERS> = {
  id: 'D31',
  sees: ['event'],
  numbers: NUMBERS,
  start: () => null,
  fold(_state, seen, { numbers }) {
    if (seen.kind !== 'event' || seen.event.kind !== 'session.refusals') return QUIET;
    const { data } = seen.event;
    const countOf = (name: string): number => {
      const value = data[name];
      return typeof value === 'number' && value > 0 ? value : 0;
    };
    const [names, refused, opened] = [countOf('names'), countOf('refused'), countOf('opened')];
    const isSource =
      names >= numbers.namesMin && refused * 100 >= (refused + opened) * numbers.refusedPercent;
    const samePassword = countOf('samePasswordNames');
    const isPassword = samePassword >= numbers.samePasswordMin;
    if (!isSource && !isPassword) return QUIET;
    return [
      {
        code: 'credential_stuffing',
        severity: 'P1',
        about: isSource ? String(data['source']) : 'password',
        evidence: [
          isSource ? `source=${String(data['source'])}` : 'one password',
          `names=${names}`,
          `refused=${refused}`,
          `opened=${opened}`,
          `same_password_names=${samePassword}`,
        ],
        act: { kind: 'alert' },
      },
    ];
  },
};
