/** Makes the few X.509 certificates that a deployment of our own needs: a CA, and leaves for mutual TLS (RFC 5280, P-256 with
 * ECDSA and SHA-256). It writes DER and reads none: Node's own parser and TLS check what comes out. */
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  sign,
  X509Certificate,
  type KeyObject,
} from 'node:crypto';
import type { Random } from '../kernel/random.ts';

/** A key and its certificate, PEM texts. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
const LEAF_DAYS = 825;
/** A peer whose clock is a little behind must still accept us. */
const SKEW_MS = DAY_MS;
/** Renewed at a start when less than this is left. */
const RENEW_DAYS = 60;

const OID = {
  ecdsaSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  subjectAltName: '2.5.29.17',
  subjectKeyId: '2.5.29.14',
  authorityKeyId: '2.5.29.35',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
} as const;

/** A new certificate authority that signs leaves only (path length 0). */
export function makeAuthority(input: {
  readonly name: string;
  readonly nowMs: number;
  readonly random: Random;
}): Certified {
  const pair = newPair();
  const extensions = [
    extension(OID.basicConstraints, true, sequence(boolean(true), integer(Buffer.from([0])))),
    // keyCertSign and cRLSign.
    extension(OID.keyUsage, true, bits(0x06, 1)),
    extension(OID.subjectKeyId, false, octets(keyId(pair.publicKey))),
  ];
  const cert = certify({
    subject: input.name,
    issuer: input.name,
    publicKey: pair.publicKey,
    signer: pair.privateKey,
    extensions,
    days: CA_DAYS,
    nowMs: input.nowMs,
    random: input.random,
  });
  return { key: pemOf(pair.privateKey), cert };
}

/** A key and certificate for one process: usable as client (its common name is who it is) and as server (under `serverNames`). */
export function makeLeaf(input: {
  readonly authority: Certified;
  readonly commonName: string;
  readonly serverNames: readonly string[];
  readonly nowMs: number;
  readonly random: Random;
}): Certified {
  const pair = newPair();
  const authority = new X509Certificate(input.authority.cert);
  const names = input.serverNames.map((name) => tagged(0x82, Buffer.from(name, 'ascii')));
  const extensions = [
    extension(OID.basicConstraints, true, sequence()),
    // digitalSignature.
    extension(OID.keyUsage, true, bits(0x80, 7)),
    extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
    extension(OID.subjectKeyId, false, octets(keyId(pair.publicKey))),
    extension(OID.authorityKeyId, false, sequence(tagged(0x80, keyId(authority.publicKey)))),
    ...(names.length > 0 ? [extension(OID.subjectAltName, false, sequence(...names))] : []),
  ];
  const cert = certify({
    subject: input.commonName,
    issuer: commonNameOf(authority),
    publicKey: pair.publicKey,
    signer: createPrivateKey(input.authority.key),
    extensions,
    days: LEAF_DAYS,
    nowMs: input.nowMs,
    random: input.random,
  });
  return { key: pemOf(pair.privateKey), cert };
}

/** True while `cert` comes from the authority and stays valid for a good while. */
export function isCurrent(input: {
  readonly cert: string;
  readonly authority: Certified;
  readonly nowMs: number;
}): boolean {
  const cert = new X509Certificate(input.cert);
  const authority = new X509Certificate(input.authority.cert);
  return (
    cert.checkIssued(authority) &&
    cert.verify(authority.publicKey) &&
    Date.parse(cert.validTo) > input.nowMs + RENEW_DAYS * DAY_MS
  );
}

/** SHA-256 of the certificate, lower-case hex: how the wire names a peer. */
export function fingerprintOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
}

function newPair(): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function commonNameOf(cert: X509Certificate): string {
  const line = cert.subject.split('\n').find((one) => one.startsWith('CN='));
  if (!line) throw new Error('Cannot issue a certificate: the authority has no name');
  return line.slice(3);
}

function certify(input: {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly days: number;
  readonly nowMs: number;
  readonly random: Random;
}): string {
  // Positive and not zero, 127 bits.
  const serial = input.random.bytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const algorithm = sequence(oid(OID.ecdsaSha256));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    nameOf(input.issuer),
    sequence(instant(input.nowMs - SKEW_MS), instant(input.nowMs + input.days * DAY_MS)),
    nameOf(input.subject),
    input.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...input.extensions)),
  );
  const der = sequence(body, algorithm, bitString(sign('sha256', body, input.signer)));
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}

// ── DER ──

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]));
}

function octets(bytes: Buffer): Buffer {
  return tagged(0x04, bytes);
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.from([0]), bytes);
}

function bits(byte: number, unused: number): Buffer {
  return tagged(0x03, Buffer.from([unused, byte]));
}

function oid(text: string): Buffer {
  const [first, second, ...rest] = text.split('.').map(Number);
  const bytes = [first! * 40 + second!];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tagged(0x06, Buffer.from(bytes));
}

function nameOf(commonName: string): Buffer {
  return sequence(
    tagged(0x31, sequence(oid(OID.commonName), tagged(0x0c, Buffer.from(commonName, 'utf8')))),
  );
}

/** UTCTime until 2049, GeneralizedTime from then on (RFC 5280 4.1.2.5). */
function instant(atMs: number): Buffer {
  const text = `${new Date(atMs)
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:T]/g, '')}Z`;
  return text < '2050' ? tagged(0x17, Buffer.from(text.slice(2))) : tagged(0x18, Buffer.from(text));
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octets(value));
}
