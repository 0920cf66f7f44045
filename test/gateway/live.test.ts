/** The gateway over real mutual TLS and its real control socket, in wall-clock time: what the memory network shows holds live. */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeAuthority, makeLeaf } from '../../src/app/certificate.ts';
import type { BifastInstruction } from '../../src/authorisation/form-bifast.ts';
import { instructionHash } from '../../src/authorisation/instruction.ts';
import { signToken } from '../../src/authorisation/token.ts';
import { EMPTY_SET } from '../../src/gate/restriction.ts';
import { signSet } from '../../src/gate/set.ts';
import { CONTROL_SOCKET } from '../../src/gateway/control-socket.ts';
import { makeStop } from '../../src/gateway/control.ts';
import { makeOpening, OPENING_FILE } from '../../src/gateway/opening.ts';
import { bifastHost } from '../../src/gateway/bifast/host.ts';
import { startGateway } from '../../src/gateway/start.ts';
import { newId } from '../../src/kernel/ids.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { wallTime } from '../../src/kernel/time.ts';
import { connectTls, listenTls, type TlsIdentity } from '../../src/kernel/wire-tls.ts';
import type { Net, WireServer } from '../../src/kernel/wire.ts';
import { idDay, messageIds } from '../../src/rail/bifast/id.ts';
import { GATEWAY_PATH } from '../../src/rail/journal-entry.ts';
import { remoteRail } from '../../src/rail/remote.ts';
import { makeTestHub } from './hub.ts';
import { BANK, KEYS, ROSTER } from './rig.ts';

const time = wallTime();
const random = systemRandom();

function authorityOf(name: string): (commonName: string, ...serverNames: string[]) => TlsIdentity {
  const authority = makeAuthority({ name, nowMs: time.now(), random });
  return (commonName, ...serverNames) => ({
    ...makeLeaf({ authority, commonName, serverNames, nowMs: time.now(), random }),
    ca: authority.cert,
  });
}

test('I1 live: an honest payment leaves over mutual TLS, an attack leaves no byte, and the stop button works by socket', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-live-'));
  const internal = authorityOf('internal');
  const network = authorityOf('network');
  const servers: WireServer[] = [];
  const ports = new Map<string, number>();
  const netOf = (identity: TlsIdentity): Net => ({
    async listen({ name, handler, admit }) {
      const server = await listenTls({
        identity,
        host: '127.0.0.1',
        port: 0,
        handler,
        ...(admit && { admit }),
      });
      ports.set(name, server.port);
      return server;
    },
    connect: (target) =>
      connectTls({ identity, host: '127.0.0.1', port: ports.get(target)!, serverName: target }),
  });
  const hub = makeTestHub({
    key: KEYS.hub.privateKey,
    strangerKey: KEYS.stranger.privateKey,
    bankKey: KEYS.bank.publicKey,
    now: () => time.now(),
    bic: BANK.bic,
  });
  const hubServer = await netOf(network('hub', 'hub')).listen({
    name: 'hub',
    handler: (request) => hub.handle(request),
  });
  servers.push(
    await netOf(internal('core-1', 'core-1')).listen({
      name: 'core-1',
      handler: async () => ({ status: 200, body: Buffer.from('{"taken":true}') }),
    }),
  );

  const own = join(folder, 'gateway-1');
  mkdirSync(own, { recursive: true });
  const signers = [
    { staffId: 'ani', key: KEYS.ani.privateKey },
    { staffId: 'budi', key: KEYS.budi.privateKey },
  ];
  writeFileSync(
    join(own, OPENING_FILE),
    makeOpening({ partition: 'gateway-1', epoch: 1, madeAtMs: time.now(), signers }),
  );
  const connector = netOf(network('connector:PULHIDJA', 'gateway-1-network'));
  const gateway = await startGateway({
    time,
    random,
    log: silentLog,
    folder: own,
    statusFolder: join(folder, 'status'),
    partition: 'gateway-1',
    env: 'prod',
    roster: ROSTER,
    ring: () => ({
      keys: { k1: { key: KEYS.signer.publicKey, notBeforeMs: 0, notAfterMs: time.now() + 1e9 } },
      revokedKids: [],
      revokedJtis: [],
    }),
    net: netOf(internal('gateway-1', 'gateway-1')),
    cores: ['core-1'],
    setKey: KEYS.guard.publicKey,
    rails: [
      bifastHost({
        bank: BANK,
        net: connector,
        hub: connector.connect('hub'),
        messageKey: KEYS.bank.privateKey,
        hubKey: KEYS.hub.publicKey,
      }),
    ],
    statusKey: KEYS.status.privateKey,
    hasControlSocket: true,
  });
  const clients = ['core-1', 'core-66', 'guard'].map((name) =>
    netOf(internal(name)).connect('gateway-1'),
  );
  const [core, attacker, guard] = clients as [
    (typeof clients)[0],
    (typeof clients)[0],
    (typeof clients)[0],
  ];
  const authorise = (sequence: number): { instruction: BifastInstruction; token: string } => {
    const ids = messageIds({
      day: idDay(time.now()),
      bic: BANK.bic,
      trxType: '010',
      originator: 'O',
      channelCode: '02',
      sequence,
    });
    const instruction: BifastInstruction = {
      version: 1,
      env: 'prod',
      rail: 'bifast',
      direction: 'out',
      kind: 'credit_transfer',
      paymentId: newId('pay', time.now(), random),
      attempt: 1,
      ...ids,
      amountSen: '12500000',
      currency: 'IDR',
      debtor: { bank: BANK.bic, account: '1', accountType: 'SVGS', name: 'A' },
      creditor: { bank: 'BNINIDJA', account: '2', accountType: 'SVGS', name: 'B' },
      channelCode: '02',
      channel: 'mobile',
      categoryPurpose: '01099',
      remittance: '',
      businessDate: '2026-08-01',
      cohortBucket: 1,
      isStaff: false,
    };
    const { paymentId } = instruction;
    const iatMs = time.now();
    const claims = {
      version: 1 as const,
      env: 'prod' as const,
      kid: 'k1',
      jti: newId('jti', iatMs, random),
      aud: 'gateway-1',
      paymentId,
      attempt: 1,
      iatMs,
      expMs: iatMs + 60_000,
    };
    return {
      instruction,
      token: signToken(KEYS.signer.privateKey, {
        ...claims,
        instructionHash: instructionHash(instruction),
      }),
    };
  };
  const bytes = (): number =>
    Object.values(hubServer.bytesIn()).reduce((sum, count) => sum + count, 0);
  try {
    const set = signSet(KEYS.guard.privateKey, { ...EMPTY_SET, version: 1, epoch: 1 });
    assert.equal(
      (await guard.call({ path: GATEWAY_PATH.set, body: JSON.stringify(set), timeoutMs: 5_000 }))
        .status,
      200,
    );
    const rail = remoteRail({ gateway: core });
    const honest = authorise(1);
    assert.equal((await rail.send(honest)).outcome, 'accepted');
    const before = bytes();
    assert.ok(before > 0);
    for (const request of [{ instruction: authorise(2).instruction }, authorise(3)]) {
      const response = await attacker.call({
        path: GATEWAY_PATH.send,
        body: JSON.stringify(request),
        timeoutMs: 5_000,
      });
      assert.equal(response.status, 403);
    }
    assert.equal(bytes(), before, 'bytes left');
    assert.equal((await rail.send(authorise(4))).outcome, 'accepted');

    const stop = makeStop(KEYS.citra.privateKey, {
      partition: 'gateway-1',
      rail: 'bifast',
      direction: 'out',
      reason: 'uji',
      staffId: 'citra',
      atMs: time.now(),
      nonce: 'n1',
    });
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(join(own, CONTROL_SOCKET), () =>
        socket.write(`${JSON.stringify(stop)}\n`),
      );
      socket
        .on('data', (chunk) => (text += chunk))
        .on('error', reject)
        .on('close', () => resolve(text));
    });
    assert.equal((JSON.parse(answer) as { ok: boolean }).ok, true);
    assert.deepEqual(await rail.send(authorise(5)), { outcome: 'not_sent', reason: 'restricted' });

    // The hub's side: another certificate of the network's world cannot speak for the hub.
    const forged = hub.sign(hub.report(honest.instruction));
    const other = netOf(network('connector:BNINIDJA')).connect('gateway-1-network');
    assert.equal((await other.call({ path: '/bifast', ...forged, timeoutMs: 5_000 })).status, 403);
    await other.close();
    const real = netOf(network('hub')).connect('gateway-1-network');
    assert.equal((await real.call({ path: '/bifast', ...forged, timeoutMs: 5_000 })).status, 200);
    await real.close();
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await gateway.stop();
    await Promise.all([...servers, hubServer].map((server) => server.close()));
    rmSync(folder, { recursive: true, force: true });
  }
});
