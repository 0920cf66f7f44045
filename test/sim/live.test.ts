/** The simulator over real sockets: connectors known by certificate, one of two of the same name revoked, the demo's control. */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startSim, type Sim } from '../../sim/main.ts';
import { signBody } from '../../sim/hub/message-signature.ts';
import { BANK_KEYS, golden, HUB_KEYS } from '../../sim/testing/bank.ts';
import { makeAuthority, makeLeaf } from '../../src/app/certificate.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { wallTime, wibDate } from '../../src/kernel/time.ts';
import { connectTls, listenTls, type TlsIdentity } from '../../src/kernel/wire-tls.ts';
import { WireFault, type Net, type WireClient, type WireResponse } from '../../src/kernel/wire.ts';

const time = wallTime();
const random = systemRandom();
const CONNECTOR = 'connector:PULHIDJA';

function authority(): (commonName: string, ...serverNames: string[]) => TlsIdentity {
  const made = makeAuthority({ name: 'network', nowMs: time.now(), random });
  return (commonName, ...serverNames) => ({
    ...makeLeaf({ authority: made, commonName, serverNames, nowMs: time.now(), random }),
    ca: made.cert,
  });
}

function fingerprintOf(identity: TlsIdentity): string {
  return createHash('sha256').update(new X509Certificate(identity.cert).raw).digest('hex');
}

/** A golden credit of today with this sequence. */
function creditOfToday(sequence: string): string {
  const today = wibDate(time.now());
  return golden('4.1-out-010')
    .replaceAll('20260801PUL', `${today.replaceAll('-', '')}PUL`)
    .replaceAll('"2026-08-01"', `"${today}"`)
    .replaceAll('00000123', sequence);
}

function post(client: WireClient, path: string, text: string): Promise<WireResponse> {
  const body = Buffer.from(text);
  const headers = { 'x-signature': signBody(BANK_KEYS.privateKey, body) };
  return client.call({ path, headers, body, timeoutMs: 5_000 });
}

test('startSim() live: knows certificates, revokes one of the same name, counts the socket, obeys its control, remembers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sim-live-'));
  const leaf = authority();
  const [own, imitated, stranger] = [leaf(CONNECTOR), leaf(CONNECTOR), authority()(CONNECTOR)];
  let port = 0;
  const net: Net = {
    async listen({ handler, admit }) {
      const identity = leaf('hub', 'hub');
      const server = await listenTls({
        identity,
        host: '127.0.0.1',
        port,
        handler,
        ...(admit && { admit }),
      });
      port = server.port;
      return server;
    },
    // Our bank's endpoint is not there: notices wait.
    connect: (serverName) =>
      connectTls({ identity: leaf('hub'), host: '127.0.0.1', port: 1, serverName }),
  };
  const as = (identity: TlsIdentity): WireClient =>
    connectTls({ identity, host: '127.0.0.1', port, serverName: 'hub' });
  const start = (): Promise<Sim> =>
    startSim({
      time,
      net,
      random,
      log: silentLog,
      messageKey: HUB_KEYS.privateKey,
      bankKeys: { PULHIDJA: BANK_KEYS.publicKey },
      folder,
      controlPort: 0,
    });
  let sim = await start();
  const clients = [as(own), as(imitated), as(stranger)] as const;
  try {
    const taken = await post(clients[0], '/bifast', creditOfToday('00000001'));
    assert.match(taken.body.toString(), /"ACTC"/);
    assert.match(
      (await post(clients[1], '/bifast', creditOfToday('90000001'))).body.toString(),
      /"ACTC"/,
    );
    await assert.rejects(post(clients[2], '/bifast', creditOfToday('00000002')), WireFault);
    const fingerprint = fingerprintOf(imitated);
    const request = {
      bank: 'PULHIDJA',
      fingerprint,
      reason: 'imitated',
      requestId: 'r1',
      atMs: time.now(),
    };
    assert.match(
      (await post(clients[0], '/portal/revoke', JSON.stringify(request))).body.toString(),
      /"ok":true/,
    );
    assert.equal(
      (await post(clients[1], '/bifast', creditOfToday('90000002'))).status,
      403,
      'on a connection that was open',
    );
    await time.sleep(500);
    assert.deepEqual(
      sim.hub.feed('PULHIDJA').map((line) => line.connector),
      [fingerprintOf(own), fingerprint],
    );
    const { socketBytes, peers } = sim.hub.counters();
    assert.equal(socketBytes[fingerprint], peers[fingerprint]?.bytes);

    const control = `http://127.0.0.1:${sim.controlPort}/sim/faults`;
    const ask = (body: string, headers = {}): Promise<Response> =>
      fetch(control, { method: 'POST', body, headers });
    const rules = [
      { name: 'x', match: { bank: 'BNINIDJA' }, does: { kind: 'reject', code: 'U129' } },
    ];
    const desk = `http://127.0.0.1:${sim.controlPort}/sim/fault/hub`;
    const play = (body: unknown): Promise<Response> =>
      fetch(desk, { method: 'POST', body: JSON.stringify(body) });
    assert.equal((await play({ rules })).status, 200);
    assert.match(
      (await post(clients[0], '/bifast', creditOfToday('00000003'))).body.toString(),
      /"U129"/,
    );
    for (const bad of ['x', '[]', '{"rules":[]}', '{"feedLagMs":-1}', '{"other":1}'])
      assert.equal((await ask(bad)).status, 400, bad);
    assert.equal((await ask('{"reset":true}', { origin: 'http://evil.example' })).status, 400);
    for (const bad of [{}, { on: {} }, { off: 'y' }, { rules: [{}] }, { reset: 1 }, { explode: 1 }])
      assert.equal((await play(bad)).status, 400, JSON.stringify(bad));
    assert.match(await (await play({ off: 'x' })).text(), /"state":"always"/);
    assert.equal((await ask('{"reset":true}')).status, 200);
    assert.match(
      (await post(clients[0], '/bifast', creditOfToday('00000004'))).body.toString(),
      /"ACTC"/,
    );

    await sim.stop();
    sim = await start();
    // The clients hear that their old connections are gone.
    await time.sleep(200);
    assert.match(
      (await post(clients[0], '/bifast', creditOfToday('00000001'))).body.toString(),
      /"U149"/,
    );
    assert.equal((await post(clients[1], '/bifast', creditOfToday('90000003'))).status, 403);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await sim.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
