/** The way of gateway and core to the HSM process: one call per function over the wire. */
import { parseJson, type WireClient } from '../../kernel/wire.ts';
import { HSM_PATH, type Hsm, type HsmAnswer, type HsmCalls, type HsmFunction } from './port.ts';

/** A function takes microseconds; a wrong PIN waits for the disk. */
const HSM_TIMEOUT_MS = 3_000;

/** The port over a client of `hsm`. Throws WireFault, and Error for an answer that cannot be read. */
export function remoteHsm(wire: WireClient): Hsm {
  const ask =
    <Name extends HsmFunction>(name: Name) =>
    async (input: HsmCalls[Name]['input']): Promise<HsmAnswer<HsmCalls[Name]['result']>> => {
      const response = await wire.call({
        path: `${HSM_PATH}${name}`,
        body: JSON.stringify(input),
        timeoutMs: HSM_TIMEOUT_MS,
      });
      if (response.status === 403) return { ok: false, reason: 'forbidden' };
      // The HSM is authenticated by its certificate and gives what the port says.
      const answer = parseJson(response.body) as HsmAnswer<HsmCalls[Name]['result']> | undefined;
      if (response.status !== 200 || typeof answer?.ok !== 'boolean')
        throw new Error(`Cannot use the HSM: it answered ${response.status} to ${name}`);
      return answer;
    };
  return {
    translatePin: ask('translatePin'),
    verifyPin: ask('verifyPin'),
    setPin: ask('setPin'),
    changePin: ask('changePin'),
    makeMac: ask('makeMac'),
    verifyMac: ask('verifyMac'),
    verifyCryptogram: ask('verifyCryptogram'),
    makeZoneKey: ask('makeZoneKey'),
    exportZoneKey: ask('exportZoneKey'),
    importZoneKey: ask('importZoneKey'),
    listKeys: ask('listKeys'),
  };
}
