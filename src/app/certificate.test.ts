import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import test from 'node:test';
import { systemRandom } from '../kernel/random.ts';
import { connectTls, listenTls } from '../kernel/wire-tls.ts';
import { WireFault } from '../kernel/wire.ts';
import { fingerprintOf, isCurrent, makeAuthority, makeLeaf } from './certificate.ts';

const random = systemRandom();
const nowMs = Date.now();
const authority = makeAuthority({ name: 'Pulih test CA', nowMs, random });
const other = makeAuthority({ name: 'Pulih test CA', nowMs, random });
const leaf = (commonName: string, from = authority) =>
  makeLeaf({ authority: from, commonName, serverNames: [commonName], nowMs, random });

test('makeLeaf() gives a certificate that the authority verifies and no other does', () => {
  const cert = new X509Certificate(leaf('core-1').cert);
  assert.equal(cert.subject, 'CN=core-1');
  assert.equal(cert.subjectAltName, 'DNS:core-1');
  assert.equal(cert.ca, false);
  assert.equal(new X509Certificate(authority.cert).ca, true);
  assert.equal(isCurrent({ cert: cert.toString(), authority, nowMs }), true);
  assert.equal(isCurrent({ cert: cert.toString(), authority: other, nowMs }), false);
  assert.equal(
    isCurrent({ cert: cert.toString(), authority, nowMs: nowMs + 800 * 86_400_000 }),
    false,
  );
});

test('mutual TLS carries the name both ways, and refuses another authority and another name', async () => {
  const seen: string[] = [];
  const server = await listenTls({
    identity: { ...leaf('gateway-1'), ca: authority.cert },
    host: '127.0.0.1',
    port: 0,
    handler: async ({ peer, fingerprint }) => {
      seen.push(peer, fingerprint);
      return { status: 200, body: Buffer.from('ok') };
    },
  });
  const call = async (identity: { key: string; cert: string; ca: string }, serverName: string) => {
    const client = connectTls({ identity, host: '127.0.0.1', port: server.port, serverName });
    try {
      return (await client.call({ path: '/', timeoutMs: 2_000 })).body.toString();
    } catch (error) {
      return error instanceof WireFault ? error.kind : String(error);
    } finally {
      await client.close();
    }
  };
  const core = leaf('connector:PULHIDJA');
  assert.equal(await call({ ...core, ca: authority.cert }, 'gateway-1'), 'ok');
  assert.deepEqual(seen, ['connector:PULHIDJA', fingerprintOf(core.cert)]);
  assert.equal(await call({ ...core, ca: authority.cert }, 'gateway-2'), 'not_sent');
  assert.equal(await call({ ...core, ca: other.cert }, 'gateway-1'), 'not_sent');
  // TLS 1.3 tells a client of its refusal only after the client believes to be connected.
  assert.notEqual(await call({ ...leaf('core-1', other), ca: authority.cert }, 'gateway-1'), 'ok');
  assert.equal(seen.length, 2);
  await server.close();
});

test('an answer that does not end is cut at its bound, and means that nobody answered', async (t) => {
  const server = await listenTls({
    identity: { ...leaf('gateway-1'), ca: authority.cert },
    host: '127.0.0.1',
    port: 0,
    handler: async ({ path }) => ({ status: 200, body: Buffer.alloc(Number(path.slice(1))) }),
  });
  t.after(() => server.close());
  const client = connectTls({
    identity: { ...leaf('core-1'), ca: authority.cert },
    host: '127.0.0.1',
    port: server.port,
    serverName: 'gateway-1',
    answerBytesMax: 100_000,
  });
  t.after(() => client.close());
  const ask = (bytes: number) => client.call({ path: `/${bytes}`, timeoutMs: 5_000 });
  assert.equal((await ask(100_000)).body.length, 100_000);
  await assert.rejects(
    ask(100_001),
    (error) => error instanceof WireFault && error.kind === 'no_answer',
  );
});
