import { ALL_KINDS, RISK_CHANNELS, type Rule } from './rule.ts';

/** Payer, payee or merchant is on the blocked list. Source: domain.md 2.1 (blocked accounts), Issue 5. */
export const blocked: Rule = {
  code: 'blocked',
  defaults: {
    action: 'refuse',
    unasked: 'refuse',
    isShadow: false,
    channels: RISK_CHANNELS,
    kinds: ALL_KINDS,
    numbers: {},
  },
  readsPair: false,
  hits: ({ blocked: sides }) => sides.length > 0,
};
