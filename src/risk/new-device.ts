import { TRANSFER_KINDS, type Rule } from './rule.ts';

/** A large amount from a device on which this customer has been for less than a day, who used another one before: the first device of a
 * customer is no sign. Source: issue 5, device proof; domain.md 7.3 (accounts taken over); amounts [rec]. */
export const newDevice: Rule<{ readonly fromSen: bigint; readonly newForMs: bigint }> = {
  code: 'new_device',
  defaults: {
    action: 'hold',
    unasked: 'allow',
    isShadow: false,
    channels: ['mobile'],
    kinds: TRANSFER_KINDS,
    numbers: { fromSen: 2_500_000_000n, newForMs: 86_400_000n },
  },
  readsPair: false,
  readsDeviceFrom: 'fromSen',
  hits: ({ amountSen, device }, { fromSen, newForMs }) =>
    device !== undefined &&
    amountSen >= fromSen &&
    device.hadOther &&
    device.ageMs < Number(newForMs),
};
