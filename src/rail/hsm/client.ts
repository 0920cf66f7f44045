/** The way of gateway and core to the HSM process: calls over the wire, those of the same moment in one. */
import { gather } from '../../kernel/gather.ts';
import { parseJson, WireFault, type WireClient } from '../../kernel/wire.ts';
import {
  HSM_BATCH_MAX,
  HSM_BATCH_PATH,
  HSM_PATH,
  type Hsm,
  type HsmAnswer,
  type HsmCalls,
  type HsmFunction,
} from './port.ts';

/** A function takes microseconds; a wrong PIN waits for the disk. */
const HSM_TIMEOUT_MS = 3_000;
/** A function takes microseconds: one after the other gathers most. */
const ROUNDS_MAX = 1;
/** Far above what the links of a gateway work on at once. */
const WAITING_MAX = 4_096;

interface Call {
  readonly name: HsmFunction;
  readonly input: unknown;
}
/** The HSM is authenticated by its certificate and gives what the port says. */
type Answer = HsmAnswer<Readonly<Record<string, unknown>>>;

/** The port over a client of `hsm`. Throws WireFault, and Error for an answer that cannot be read. */
export function remoteHsm(wire: WireClient): Hsm {
  const call = gather<Call, Answer>({
    send: (calls) => sendCalls(wire, calls),
    countMax: HSM_BATCH_MAX,
    roundsMax: ROUNDS_MAX,
    waitingMax: WAITING_MAX,
    full: () => new WireFault('not_sent', 'Cannot ask the HSM: too many wait for it'),
  });
  const ask =
    <Name extends HsmFunction>(name: Name) =>
    async (input: HsmCalls[Name]['input']) =>
      (await call({ name, input })) as HsmAnswer<HsmCalls[Name]['result']>;
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

async function sendCalls(wire: WireClient, calls: readonly Call[]): Promise<readonly Answer[]> {
  const [only, ...others] = calls;
  const isOne = only !== undefined && others.length === 0;
  const response = await wire.call({
    path: isOne ? `${HSM_PATH}${only.name}` : HSM_BATCH_PATH,
    body: JSON.stringify(isOne ? only.input : calls),
    timeoutMs: HSM_TIMEOUT_MS,
  });
  if (response.status === 403) return calls.map(() => ({ ok: false, reason: 'forbidden' }));
  const said = parseJson(response.body);
  const answers: readonly unknown[] = !isOne && Array.isArray(said) ? said : [said];
  if (response.status !== 200 || answers.length !== calls.length || !answers.every(isAnswer))
    throw new Error(`Cannot use the HSM: it answered ${response.status} to ${only?.name}`);
  return answers;
}

function isAnswer(value: unknown): value is Answer {
  return typeof (value as { readonly ok?: unknown } | null)?.ok === 'boolean';
}
