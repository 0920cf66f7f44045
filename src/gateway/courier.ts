/** Hands a notice to core once and reads what it says: alone, or together with what the network asks in the same moment. */
import { gather } from '../kernel/gather.ts';
import { parseJson, WireFault, type WireClient } from '../kernel/wire.ts';
import { recordOf } from '../rail/gateway-wire.ts';
import {
  NOTICE_BATCH_MAX,
  NOTICE_BATCH_PATH,
  NOTICE_PATH,
  type NoticeAnswer,
  type RailNotice,
} from '../rail/notice.ts';

/** Each is answered when its slowest is; a slow one holds up no other round. */
const ROUNDS_MAX = 6;
/** Fewer, so that more travels in each: nobody waits for an answer to these. */
const NEWS_ROUNDS_MAX = 2;
/** Above what the links of a network work on at once. */
const WAITING_MAX = 4_096;

/** One try at the next core in turn; undefined when it was not taken. */
export type Courier = (notice: RailNotice) => Promise<NoticeAnswer | undefined>;

/** Opens the way to all cores. */
export function openCourier(input: {
  readonly cores: readonly WireClient[];
  readonly timeoutMs: number;
}): Courier {
  const { timeoutMs } = input;
  const ways = input.cores.map((core): Courier => {
    const together = (roundsMax: number) =>
      gather<RailNotice, NoticeAnswer | undefined>({
        send: (notices) => sendRound(core, { notices, timeoutMs }),
        countMax: NOTICE_BATCH_MAX,
        roundsMax,
        waitingMax: WAITING_MAX,
        full: () => new WireFault('not_sent', 'Cannot ask core: too many wait for it'),
      });
    const ask = together(ROUNDS_MAX);
    const tell = together(NEWS_ROUNDS_MAX);
    return (notice) => {
      if (isNews(notice)) return tell(notice);
      return isShort(notice) ? ask(notice) : sendOne(core, { notice, timeoutMs });
    };
  });
  let turn = 0;
  return async (notice) => {
    const way = ways[turn++ % ways.length];
    if (!way) return undefined;
    try {
      return await way(notice);
    } catch (error) {
      if (error instanceof WireFault) return undefined;
      throw error;
    }
  };
}

/** A few hundred bytes each; a statement is a third of what core reads at once. */
function isShort({ kind }: RailNotice): boolean {
  return kind === 'request' || kind === 'reversal';
}

/** Words that came to us in answer to nothing: a network's clock does not run while core takes them. */
function isNews({ kind }: RailNotice): boolean {
  return kind === 'outcome' || kind === 'credit_settled';
}

async function sendRound(
  core: WireClient,
  { notices, timeoutMs }: { readonly notices: readonly RailNotice[]; readonly timeoutMs: number },
): Promise<readonly (NoticeAnswer | undefined)[]> {
  const [only, ...others] = notices;
  if (only && others.length === 0) return [await sendOne(core, { notice: only, timeoutMs })];
  const body = JSON.stringify(notices);
  const response = await core.call({ path: NOTICE_BATCH_PATH, body, timeoutMs });
  const answers = response.status === 200 ? parseJson(response.body) : undefined;
  return Array.isArray(answers) && answers.length === notices.length
    ? answers.map(readAnswer)
    : notices.map(() => undefined);
}

async function sendOne(
  core: WireClient,
  { notice, timeoutMs }: { readonly notice: RailNotice; readonly timeoutMs: number },
): Promise<NoticeAnswer | undefined> {
  const body = JSON.stringify(notice);
  const response = await core.call({ path: NOTICE_PATH, body, timeoutMs });
  return response.status === 200 ? readAnswer(parseJson(response.body)) : undefined;
}

function readAnswer(value: unknown): NoticeAnswer | undefined {
  const { taken, approved, code, accountName, accountType, ...rest } = recordOf(value);
  if (taken === true && approved === false)
    return typeof code === 'string' ? { taken, approved, code } : undefined;
  if (taken === true && approved === true) return readApproval({ ...rest, accountName });
  if (taken === true) {
    return {
      taken,
      ...(typeof accountName === 'string' && { accountName }),
      ...(typeof accountType === 'string' && { accountType }),
    };
  }
  return taken === false && typeof code === 'string' ? { taken, code } : undefined;
}

function readApproval({
  approvalCode,
  availableSen,
  arpc,
  accountName,
}: Readonly<Record<string, unknown>>): NoticeAnswer | undefined {
  // Without its code it cannot be told to the network.
  if (typeof approvalCode !== 'string') return undefined;
  return {
    taken: true,
    approved: true,
    approvalCode,
    ...(typeof availableSen === 'string' && { availableSen }),
    ...(typeof arpc === 'string' && /^[0-9A-F]{16}$/.test(arpc) && { arpc }),
    ...(typeof accountName === 'string' && { accountName }),
  };
}
