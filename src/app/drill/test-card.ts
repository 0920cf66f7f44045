/** A scorecard for tests. */
import type { Scorecard } from './scorecard.ts';

/** Contained after 10 ms, not recovered; its books are right. */
export const CARD: Scorecard = {
  drill: 'x',
  seed: '1',
  mode: 'virtual',
  lost: '100',
  lostAtRisk: '1000',
  injected: { count: 10, value: '1000' },
  refused: { count: 9, value: '900' },
  detectMs: 5,
  containMs: 10,
  firstNoticeMs: null,
  restrictions: [{ scope: 'bifast · out', level: 3, action: 'stop', atMs: 10 }],
  healthyAccepted: 1,
  healthyOffered: 1,
  pastDeadline: 0,
  ledgerBalanced: true,
  doubleEffects: 0,
  recovery: [],
  recoveredMs: null,
  reports: [],
  attackBytesAtHub: 7,
  byKind: {},
  stolen: { count: 0, value: '0' },
  killSwitchRefused: 1,
  triesBeforeContain: 2,
  triesBeforeDetect: 1,
  services: [],
  inquiries: { perPayment: 0, perSecond: 0 },
  acts: [],
};
