/** What a request says, read once: for the fault rules and for the answer. */
import type { WireRequest } from '../../src/kernel/wire.ts';
import type { Facts } from '../fault/chooser.ts';
import { readBusMsg, type BusMessage, type ReadResult } from './bifast-schema.ts';
import type { HubContext } from './context.ts';
import type { FaultType } from './faults.ts';
import { jsonOfXml } from './xml.ts';

const read = new WeakMap<WireRequest, ReadResult>();

/** The message of a bank. The body was signed as it came; inside, the hub reads JSON. What is no message in the bank's encoding is
 * read as an empty one and refused like any. */
export function readRequest(
  hub: HubContext,
  { bank, request }: { readonly bank: string; readonly request: WireRequest },
): ReadResult {
  const known = read.get(request);
  if (known) return known;
  const isXml = hub.participants.get(bank)?.encoding === 'xml';
  const result = readBusMsg(isXml ? (jsonOfXml(request.body) ?? Buffer.alloc(0)) : request.body);
  read.set(request, result);
  return result;
}

/** What a fault rule may match of a request. */
export function factsOfRequest(
  hub: HubContext,
  { bank, request }: { readonly bank: string; readonly request: WireRequest },
): Facts {
  return { direction: 'from_bank', ...factsByPath(hub, { bank, request }) };
}

function factsByPath(
  hub: HubContext,
  { bank, request }: { readonly bank: string; readonly request: WireRequest },
): Facts {
  const path = request.path.split('?')[0]!;
  if (path === '/feed' || path === '/statement') return { bank, trxType: path.slice(1) };
  if (path !== '/bifast') return { bank, trxType: 'other' };
  const result = readRequest(hub, { bank, request });
  return result.ok ? factsOfMessage(bank, result.message) : { bank, trxType: 'other' };
}

const TYPE_OF: Readonly<Partial<Record<BusMessage['kind'], FaultType>>> = {
  status_request: 'status',
  admin: 'admin',
  proxy_lookup: '610',
  proxy_enquiry: '610',
  proxy_registration: '710',
};

function factsOfMessage(bank: string, message: BusMessage): Facts {
  if (message.kind === 'credit') {
    const trxType = message.trxType === '110' ? '010' : message.trxType;
    return { bank: message.creditorBank, account: message.creditorAccount, trxType };
  }
  const account = 'proxy' in message ? { account: message.proxy.value } : {};
  return { bank, trxType: TYPE_OF[message.kind] ?? 'other', ...account };
}
