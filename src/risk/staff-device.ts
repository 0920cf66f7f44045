import { TRANSFER_KINDS, type Rule } from './rule.ts';

/** A customer's account paid from a device on which staff work, and the customer is not staff: who unlocks accounts must not be the one who
 * empties them. Source: domain.md 7.3 (Bank Jago: the same operator) and 7.5, D25. */
export const staffDevice: Rule<{ readonly fromSen: bigint }> = {
  code: 'staff_device',
  defaults: {
    action: 'hold',
    unasked: 'allow',
    isShadow: false,
    channels: ['mobile'],
    kinds: TRANSFER_KINDS,
    numbers: { fromSen: 100_000_000n },
  },
  readsPair: false,
  readsDeviceFrom: 'fromSen',
  hits: ({ amountSen, device }, { fromSen }) =>
    device !== undefined && amountSen >= fromSen && device.isOfStaff,
};
