import { parseJson } from '../kernel/wire.ts';
import { recordOf } from '../rail/gateway-wire.ts';

const READ_MS = 3_000;
/** A day of this bank, with room. */
const FILE_BYTES_MAX = 16_000_000;

/** Reads the settlement file of a business date from the demo's switch; undefined when it has none. Throws when nobody answers. A bank's
 * network puts its file elsewhere: what makes it true is its MAC, not the way it came. */
export function settlementFileOf(
  controlPort: number,
): (businessDate: string) => Promise<string | undefined> {
  return async (businessDate) => {
    const url = `http://127.0.0.1:${controlPort}/sim/switch/settlement?date=${businessDate}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(READ_MS) });
    const body = Buffer.from(await response.arrayBuffer());
    if (response.status !== 200 || body.length > FILE_BYTES_MAX) return undefined;
    const { text } = recordOf(parseJson(body));
    return typeof text === 'string' ? text : undefined;
  };
}
