/** The two encodings of a BI-FAST message. A link speaks one of them, both ways: what comes in the other is not a message. */
import type { Encoding } from '../signature.ts';
import { encodeMessage } from './encode.ts';
import type { BifastMessage } from './message.ts';
import { parseMessage, type ParseResult } from './parse.ts';
import { encodeXml } from './xml/encode.ts';
import { parseXml } from './xml/parse.ts';

/** The bytes that are signed and sent. */
export function encodeAs(encoding: Encoding, message: BifastMessage): Buffer {
  return encoding === 'xml' ? encodeXml(message) : encodeMessage(message);
}

/** Parses one message from untrusted bytes. Never throws. */
export function parseAs(encoding: Encoding, bytes: Uint8Array): ParseResult {
  return encoding === 'xml' ? parseXml(bytes) : parseMessage(bytes);
}
