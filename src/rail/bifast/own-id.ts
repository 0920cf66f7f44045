/** Ids of messages that carry no money and so come from no ledger: status requests, account enquiries, sign-on, our answers. */
import type { Time } from '../../kernel/time.ts';
import { idDay, messageIds, type Originator } from './id.ts';

/** 8 digits of sequence are the 86,400,000 milliseconds of a day: ten partitions, one id per 10 ms each. */
const TICK_MS = 10;
const WIB_OFFSET_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;

export type IdSource = (input: {
  readonly trxType: string;
  readonly originator: Originator;
  readonly channelCode: string;
}) => {
  readonly bizMsgIdr: string;
  readonly msgId: string;
};

/** Ids unique per bank, date and type without a registry: the tick of the day with the partition's last digit. A burst runs
 * ahead of the clock, never back; `floorMs` keeps it ahead of what an earlier run of this partition may have used. */
export function makeIdSource(input: {
  readonly time: Time;
  readonly bic: string;
  readonly partition: string;
  readonly floorMs: number;
}): IdSource {
  const digit = Number(/(\d)$/.exec(input.partition)?.[1] ?? 0);
  let tick = Math.ceil(input.floorMs / TICK_MS);
  return ({ trxType, originator, channelCode }) => {
    tick = Math.max(tick + 1, Math.floor(input.time.now() / TICK_MS));
    const atMs = tick * TICK_MS;
    const sequence = ((atMs + WIB_OFFSET_MS) % DAY_MS) + digit;
    return messageIds({
      day: idDay(atMs),
      bic: input.bic,
      trxType,
      originator,
      channelCode,
      sequence,
    });
  };
}
