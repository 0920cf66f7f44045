import { TRANSFER_KINDS, type Rule } from './rule.ts';

/** A device on which many customers signed in within a month: who keeps the accounts of others pays from one place. A family shares one
 * with few. Source: issue 5, device proof; domain.md 7.3 (accounts of strangers run by few); count [rec]. */
export const sharedDevice: Rule<{ readonly fromSen: bigint; readonly customers: bigint }> = {
  code: 'shared_device',
  defaults: {
    action: 'hold',
    unasked: 'allow',
    isShadow: false,
    channels: ['mobile'],
    kinds: TRANSFER_KINDS,
    numbers: { fromSen: 100_000_000n, customers: 5n },
  },
  readsPair: false,
  readsDeviceFrom: 'fromSen',
  hits: ({ amountSen, device }, { fromSen, customers }) =>
    device !== undefined && amountSen >= fromSen && BigInt(device.customers) >= customers,
};
