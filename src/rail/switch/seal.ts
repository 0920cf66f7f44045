/** Between a message and its bytes on a network: codec and MAC. What cannot be read or carries no right MAC is counted, told where it
 * may be a forgery, and dropped: nothing acts on it. Source: I12; docs/rail/switch.md section 2. */
import { assert } from '../../kernel/assert.ts';
import { macCovers, macFieldOf, packForMac, withMac } from '../iso8583/mac.ts';
import type { Dialect, IsoMessage } from '../iso8583/spec.ts';
import type { NetworkContext, NotSent } from './port.ts';

const MAC = /^[0-9A-F]{16}$/;

/** What bytes of theirs turned out to be. */
export type Received =
  | { readonly kind: 'message'; readonly message: IsoMessage }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'mac_refused' };

/** Reads one message of theirs. Throws what the MAC port throws: then nobody knows, and nothing acts on it either. */
export async function receive(
  context: NetworkContext,
  input: { readonly link: string; readonly bytes: Buffer },
): Promise<Received> {
  const { codec, counts, ports, setting } = context;
  const { link, bytes } = input;
  const read = codec.unpack(bytes);
  if (!read.ok) {
    counts.malformed++;
    ports.log.warn({ link, ...read.error }, 'link.message_malformed');
    return { kind: 'malformed' };
  }
  const message = read.value;
  if (!needsMac(context, message)) return { kind: 'message', message };
  const mac = message.fields[macFieldOf(message.fields)];
  const isRight =
    mac !== undefined &&
    (await ports.mac!.isRight({ network: setting.name, bytes: macCovers(codec, bytes), mac }));
  if (isRight) return { kind: 'message', message };
  counts.macRefused++;
  ports.alarm({
    kind: mac === undefined ? 'mac_missing' : 'mac_wrong',
    network: setting.name,
    link,
    detail: message.mti,
  });
  return { kind: 'mac_refused' };
}

/** The bytes of a message of ours with its MAC, or why there are none. */
export async function seal(
  context: NetworkContext,
  input: { readonly link: string; readonly message: IsoMessage },
): Promise<Buffer | NotSent> {
  const { codec, ports, setting } = context;
  const { link, message } = input;
  const isSealed = needsMac(context, message);
  const packed = isSealed ? packForMac(codec, message) : codec.pack(message);
  if (!packed.ok) {
    ports.log.error({ link, mti: message.mti, ...packed.error }, 'link.message_refused');
    return 'refused_by_codec';
  }
  if (!isSealed) return packed.value;
  try {
    const bytes = macCovers(codec, packed.value);
    const mac = await ports.mac!.make({ network: setting.name, bytes });
    // A short one would leave zeros that look like a MAC.
    assert(MAC.test(mac), 'a MAC has 16 hex characters');
    return withMac(codec, { bytes: packed.value, mac });
  } catch (error) {
    ports.log.error({ link, error: (error as Error).message }, 'link.mac_failed');
    return 'mac_unavailable';
  }
}

function needsMac({ setting }: NetworkContext, message: IsoMessage): boolean {
  const isManagement = message.mti.charAt(1) === '8';
  return setting.macOn === 'all' || (setting.macOn === 'financial' && !isManagement);
}

/** An answer with the header of its request, where the dialect has one: a TPDU names where it goes and where it comes from. */
export function headedBack(
  answer: IsoMessage,
  to: { readonly request: IsoMessage; readonly kind: Dialect['header']['kind'] },
): IsoMessage {
  const { header } = to.request;
  if (to.kind === 'none' || header === undefined) return answer;
  const back =
    to.kind === 'tpdu' ? `${header.slice(0, 2)}${header.slice(6)}${header.slice(2, 6)}` : header;
  return { ...answer, header: back };
}
