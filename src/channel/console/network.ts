/** What the board says of the network itself: who is open, what lies on our settlement account, and how old that is. */
import { liquidityState, type LiquidityNumbers } from '../../guard/liquidity.ts';
import { selectWord, type NetworkWord } from '../../payment/network/store.ts';
import { recordOf } from '../../rail/gateway-wire.ts';
import type { ConsoleInput } from './port.ts';
import { listParticipants } from './store.ts';

/** Participants and liquidity of BI-FAST. */
export async function readNetwork(
  input: Pick<ConsoleInput, 'db' | 'time'>,
  numbers: LiquidityNumbers,
): Promise<unknown> {
  const { db, time } = input;
  const nowMs = time.now();
  const [banks, participants, position] = await Promise.all([
    listParticipants(db),
    selectWord(db, { rail: 'bifast', kind: 'participants' }),
    selectWord(db, { rail: 'bifast', kind: 'position' }),
  ]);
  const { unknown, missing } = recordOf(bodyOf(participants));
  return {
    participants: {
      heardAtMs: participants?.heardAtMs ?? null,
      openCount: banks.filter(({ state }) => state === 'open').length,
      closed: banks
        .filter(({ state }) => state === 'closed')
        .map(({ bic, name, changed_at }) => ({ bic, name, sinceMs: changed_at.getTime() })),
      unknown: unknown ?? [],
      missing: missing ?? [],
    },
    liquidity: liquidity(position, { nowMs, numbers }),
  };
}

function liquidity(
  position: NetworkWord | undefined,
  at: { readonly nowMs: number; readonly numbers: LiquidityNumbers },
): unknown {
  if (!position) return { state: 'unknown', heardAtMs: null, freeSen: null, bookedSen: null };
  const { freeSen, bookedSen } = recordOf(bodyOf(position));
  const state = liquidityState({
    freeSen: BigInt(String(freeSen)),
    heardAtMs: position.heardAtMs,
    ...at,
  });
  return { state, heardAtMs: position.heardAtMs, freeSen, bookedSen };
}

/** Written by the payment engine from checked fields. */
function bodyOf(word: NetworkWord | undefined): unknown {
  return word && (JSON.parse(word.body) as unknown);
}
