/** What comes over the wire, and who may ask for what. Everything is checked here before a function sees it: the peer's name, the names
 * of the fields, the form of each. */
import {
  HSM_BATCH_MAX,
  HSM_PATH,
  HSM_DATA_BYTES_MAX,
  type HsmAnswer,
  type HsmCalls,
  type HsmFunction,
} from '../rail/hsm/port.ts';
import { makeMac, verifyCryptogram, verifyMac } from './message.ts';
import { refuse, type Does, type Module } from './module.ts';
import { changePin, setPin, translatePin, verifyPin } from './pin.ts';
import { exportZoneKey, importZoneKey, makeZoneKey } from './zone-key.ts';

const DOES: { readonly [Name in HsmFunction]: Does<Name> } = {
  translatePin,
  verifyPin,
  setPin,
  changePin,
  makeMac,
  verifyMac,
  verifyCryptogram,
  makeZoneKey,
  exportZoneKey,
  importZoneKey,
  listKeys: ({ store }) => ({ ok: true, keys: store.list() }),
};

/** The gateway speaks to networks and terminals; core is the issuer. Neither has what the other needs: who holds one of them can verify
 * no PIN, or see no block of another bank. */
const MAY_CALL = {
  gateway: [
    'translatePin',
    'makeMac',
    'verifyMac',
    'makeZoneKey',
    'exportZoneKey',
    'importZoneKey',
    'listKeys',
  ],
  core: ['verifyPin', 'setPin', 'changePin', 'verifyCryptogram'],
} as const satisfies Readonly<Record<string, readonly HsmFunction[]>>;

const KEY = /^[a-z]{3}\.[a-z0-9][a-z0-9-]{0,23}$/;
const NAMED = /^(?:zmk|zpk|tpk|zak|pvk|cvk|imk)\./;
const PAN = /^\d{13,19}$/;
const BLOCK = /^(?:[0-9A-F]{16}|[0-9A-F]{32})$/;
const VALUE = /^[\w.-]{1,80}$/;
const HEX_16 = /^[0-9A-F]{16}$/;
const HEX_4 = /^[0-9A-F]{4}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const BASE64_CHARS_MAX = Math.ceil(HSM_DATA_BYTES_MAX / 3) * 4;
const PIN_FIELDS = { key: KEY, pan: PAN, block: BLOCK };

const FIELDS: Readonly<Record<HsmFunction, Readonly<Record<string, RegExp>>>> = {
  translatePin: { ...PIN_FIELDS, to: KEY },
  verifyPin: { ...PIN_FIELDS, pvk: KEY, verificationValue: VALUE },
  setPin: { ...PIN_FIELDS, pvk: KEY },
  changePin: { ...PIN_FIELDS, pvk: KEY, verificationValue: VALUE, newBlock: BLOCK },
  makeMac: { key: KEY, data: BASE64 },
  verifyMac: { key: KEY, data: BASE64, mac: HEX_16 },
  verifyCryptogram: {
    key: KEY,
    pan: PAN,
    panSequence: /^\d{2}$/,
    transactionCounter: HEX_4,
    data: BASE64,
    arqc: HEX_16,
    responseCode: HEX_4,
  },
  makeZoneKey: { name: KEY, algorithm: /^[TA]$/ },
  exportZoneKey: { name: KEY },
  importZoneKey: {
    name: KEY,
    cryptogram: /^(?:[0-9A-F]{32}|D[\x20-\x7e]{100,600})$/,
    checkValue: /^[0-9A-F]{6}$/,
  },
  listKeys: {},
};

/** The function of a path; undefined when there is none. */
export function readFunction(path: string): HsmFunction | undefined {
  const name = /^\/hsm\/([A-Za-z]{1,32})$/.exec(path)?.[1];
  return name !== undefined && Object.hasOwn(DOES, name) ? (name as HsmFunction) : undefined;
}

/** Whether this peer may reach the HSM at all. */
export function isCaller(peer: string): boolean {
  return roleOf(peer) !== undefined;
}

/** Whether this peer may call this function. */
export function mayCall(peer: string, name: HsmFunction): boolean {
  const role = roleOf(peer);
  return role !== undefined && (MAY_CALL[role] as readonly HsmFunction[]).includes(name);
}

function roleOf(peer: string): keyof typeof MAY_CALL | undefined {
  const role = /^(core|gateway)-\d{1,4}$/.exec(peer)?.[1];
  return role === 'core' || role === 'gateway' ? role : undefined;
}

/** One call as it came. */
export interface HsmCall<Name extends HsmFunction = HsmFunction> {
  readonly name: Name;
  readonly input: unknown;
}

/** The calls of a batch; undefined when it is none, or too long. */
export function readBatch(value: unknown): readonly HsmCall[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > HSM_BATCH_MAX) return undefined;
  const calls = value.flatMap((one: unknown): HsmCall[] => {
    if (typeof one !== 'object' || one === null || Object.keys(one).length !== 2) return [];
    const { name, input } = one as Readonly<Record<string, unknown>>;
    const found = typeof name === 'string' ? readFunction(`${HSM_PATH}${name}`) : undefined;
    return found === undefined || input === undefined ? [] : [{ name: found, input }];
  });
  return calls.length === value.length ? calls : undefined;
}

/** Does one call of a peer that may. */
export function answerCall<Name extends HsmFunction>(
  module: Module,
  call: HsmCall<Name> & { readonly peer: string },
): HsmAnswer<HsmCalls[Name]['result']> {
  const input = readInput(call.name, call.input);
  if (!input) return refuse('malformed');
  return DOES[call.name](module, input, call.peer);
}

function readInput<Name extends HsmFunction>(
  name: Name,
  value: unknown,
): HsmCalls[Name]['input'] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const given = Object.entries(value);
  const fields = FIELDS[name];
  if (given.length !== Object.keys(fields).length) return undefined;
  const isWhole = given.every(([field, text]) => {
    const form = Object.hasOwn(fields, field) ? fields[field] : undefined;
    return (
      form !== undefined &&
      typeof text === 'string' &&
      text.length <= BASE64_CHARS_MAX &&
      form.test(text) &&
      (form !== KEY || NAMED.test(text))
    );
  });
  // Every field of the port's type is there and has its form.
  return isWhole ? (value as HsmCalls[Name]['input']) : undefined;
}
