/** One gateway in virtual time with a hub of one page, a core that takes notices and a guard's key: what the gateway's tests
 * stand on. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BifastInstruction } from '../../src/authorisation/form-bifast.ts';
import { instructionHash, type Instruction } from '../../src/authorisation/instruction.ts';
import { signToken, type KeyRing, type TokenClaims } from '../../src/authorisation/token.ts';
import type { RestrictionSet, SignedRelease } from '../../src/gate/restriction.ts';
import { signRelease, signSet } from '../../src/gate/set.ts';
import { onFaultPoint } from '../../src/kernel/fault-point.ts';
import { newId } from '../../src/kernel/ids.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { virtualTime, type VirtualTime } from '../../src/kernel/virtual-time.ts';
import { memoryNetwork, type MemoryNetwork } from '../../src/kernel/wire-memory.ts';
import { parseJson, type WireResponse, type WireServer } from '../../src/kernel/wire.ts';
import { messageIds } from '../../src/rail/bifast/id.ts';
import type { AuthorisedPayment, ConformanceRig } from '../../src/rail/conformance.ts';
import type { RailPort } from '../../src/rail/contract.ts';
import { netOf } from './net.ts';
import { GATEWAY_PATH, type JournalBody, type JournalPage } from '../../src/rail/journal-entry.ts';
import type { NoticeAnswer, RailNotice } from '../../src/rail/notice.ts';
import { remoteRail } from '../../src/rail/remote.ts';
import { makeStop, type StopRequest } from '../../src/gateway/control.ts';
import { makeOpening, OPENING_FILE } from '../../src/gateway/opening.ts';
import { bifastHost } from '../../src/gateway/bifast/host.ts';
import { startGateway, type Gateway, type GatewayInput } from '../../src/gateway/start.ts';
import { makeTestHub, type TestHub } from './hub.ts';

/** Saturday 10:00 WIB. */
export const START_MS = Date.UTC(2026, 7, 1, 3);
/** Our bank. */
export const BANK = {
  name: 'Bank Pulih Daerah',
  bic: 'PULHIDJA',
  bankCode: '199',
  hubBic: 'FASTIDJA',
};

const pair = (): { publicKey: KeyObject; privateKey: KeyObject } => generateKeyPairSync('ed25519');
/** Made once: key generation is the slow part of a rig. */
export const KEYS = {
  signer: pair(),
  stranger: pair(),
  guard: pair(),
  hub: pair(),
  bank: pair(),
  status: pair(),
  ani: pair(),
  budi: pair(),
  citra: pair(),
};
/** Who may sign: staffId to public key. */
export const ROSTER = Object.fromEntries(
  (['ani', 'budi', 'citra'] as const).map((name) => [
    name,
    KEYS[name].publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  ]),
);

/** A payment by BI-FAST as ledger and signer hand it over. */
export interface BifastPayment extends AuthorisedPayment {
  readonly instruction: BifastInstruction;
}

export interface Rig extends ConformanceRig {
  authorise(): BifastPayment;
  readonly time: VirtualTime;
  readonly network: MemoryNetwork;
  readonly hub: TestHub;
  readonly hubServer: WireServer;
  readonly folder: string;
  readonly notices: RailNotice[];
  coreAnswer: (notice: RailNotice) => NoticeAnswer | undefined | Promise<NoticeAnswer | undefined>;
  gateway: Gateway;
  railOf(peer: string): RailPort;
  post(peer: string, path: string, body: unknown): Promise<WireResponse>;
  pushSet(over?: Partial<RestrictionSet>): Promise<unknown>;
  press(over?: Partial<StopRequest>): Promise<{ ok: boolean; latchId?: string; reason?: string }>;
  release(
    plan: Partial<SignedRelease['plan']>,
    state: SignedRelease['state'],
    signers?: readonly ('ani' | 'budi' | 'citra')[],
  ): SignedRelease;
  page(after?: number): Promise<JournalPage>;
  /** All journal bodies of a kind. */
  bodies<K extends JournalBody['kind']>(
    kind: K,
  ): Promise<readonly Extract<JournalBody, { kind: K }>[]>;
  instruction(over?: Partial<BifastInstruction>): BifastInstruction;
  tokenOf(instruction: Instruction, over?: Partial<TokenClaims>, key?: KeyObject): string;
  /** Starts again on `folder`; the guard's witness follows unless told otherwise. */
  restart(options?: {
    readonly isKilled?: boolean;
    readonly witness?: boolean;
    readonly folder?: string;
  }): Promise<void>;
  copyFolder(): string;
  sleep(ms: number): Promise<void>;
}

interface RigOptions {
  readonly isOpened?: boolean;
  readonly limits?: GatewayInput['limits'];
  /** How BI-FAST is spelled; the rig's own hub speaks JSON only. */
  readonly encoding?: 'xml';
  /** Rails beside BI-FAST; they may speak over the rig's network. */
  readonly rails?: (network: MemoryNetwork) => GatewayInput['rails'];
}

/** Builds a rig and drives `work` in virtual time. */
export async function withRig(
  work: (rig: Rig) => Promise<void>,
  options: RigOptions = {},
): Promise<void> {
  const time = virtualTime(START_MS);
  const root = mkdtempSync(join(tmpdir(), 'gateway-test-'));
  try {
    await time.run(run({ time, root, work, options }), START_MS + 20 * 86_400_000);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function run(input: {
  time: VirtualTime;
  root: string;
  work: (rig: Rig) => Promise<void>;
  options: RigOptions;
}): Promise<void> {
  const { time, root, options } = input;
  const random = seededRandom('rig');
  const network = memoryNetwork(time, 1);
  const hub = makeTestHub({
    key: KEYS.hub.privateKey,
    strangerKey: KEYS.stranger.privateKey,
    bankKey: KEYS.bank.publicKey,
    now: () => time.now(),
    bic: BANK.bic,
  });
  const hubServer = network.listen('hub', (request) => hub.handle(request));
  const notices: RailNotice[] = [];
  network.listen('core-1', async (request) => {
    const body = parseJson(request.body) as RailNotice | readonly RailNotice[];
    const hear = async (notice: RailNotice): Promise<NoticeAnswer | null> => {
      const answer = await rig.coreAnswer(notice);
      if (answer) notices.push(notice);
      return answer ?? null;
    };
    const isOne = 'kind' in body;
    const answer = isOne ? await hear(body) : await Promise.all(body.map(hear));
    if (!answer) return { status: 503, body: Buffer.alloc(0) };
    return { status: 200, body: Buffer.from(JSON.stringify(answer)) };
  });
  let folder = join(root, 'gateway');
  let sequence = 0;
  let setVersion = 0;
  const ring: KeyRing = {
    keys: {
      k1: { key: KEYS.signer.publicKey, notBeforeMs: 0, notAfterMs: START_MS + 100 * 86_400_000 },
    },
    revokedKids: [],
    revokedJtis: [],
  };
  const start = async (): Promise<Gateway> =>
    startGateway({
      time,
      random,
      folder,
      ring: () => ring,
      env: 'prod',
      partition: 'gateway-1',
      log: silentLog,
      roster: ROSTER,
      net: netOf({ network, name: 'gateway-1' }),
      statusFolder: join(root, 'status'),
      setKey: KEYS.guard.publicKey,
      statusKey: KEYS.status.privateKey,
      rails: [
        bifastHost({
          bank: BANK,
          hub: network.connect('connector:PULHIDJA', 'hub'),
          messageKey: KEYS.bank.privateKey,
          hubKey: KEYS.hub.publicKey,
          ...(options.encoding && { encoding: options.encoding }),
        }),
        ...(options.rails?.(network) ?? []),
      ],
      cores: ['core-1'],
      hasControlSocket: false,
      ...(options.limits && { limits: options.limits }),
    });
  const call = (peer: string, path: string, body?: unknown): Promise<WireResponse> =>
    network.connect(peer, 'gateway-1').call({
      path,
      timeoutMs: 15_000,
      method: body === undefined ? 'GET' : 'POST',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });

  const rig: Rig = {
    time,
    network,
    hub,
    hubServer,
    notices,
    get folder() {
      return folder;
    },
    coreAnswer: () => ({ taken: true }),
    gateway: undefined as unknown as Gateway, // started below
    rail: remoteRail({ gateway: network.connect('core-1', 'gateway-1') }),
    railOf: (peer) => remoteRail({ gateway: network.connect(peer, 'gateway-1') }),
    post: call,
    setMood: (mood) => void (hub.mood = mood),
    takenCount: (bizMsgIdr) =>
      hub.taken.filter(({ endToEndId }) => endToEndId === bizMsgIdr).length,
    sleep: (ms) => time.sleep(ms),
    instruction(over = {}) {
      const ids = messageIds({
        day: '20260801',
        bic: BANK.bic,
        trxType: '010',
        originator: 'O',
        channelCode: '02',
        sequence: ++sequence,
      });
      return {
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
        debtor: { bank: BANK.bic, account: '1001002003', accountType: 'SVGS', name: 'NASABAH A' },
        creditor: {
          bank: 'BNINIDJA',
          account: '9008007006',
          accountType: 'SVGS',
          name: 'NASABAH B',
        },
        channelCode: '02',
        channel: 'mobile',
        categoryPurpose: '01099',
        remittance: 'uji',
        businessDate: '2026-08-01',
        cohortBucket: 500,
        isStaff: false,
        ...over,
      };
    },
    tokenOf(instruction, over = {}, key = KEYS.signer.privateKey) {
      const { paymentId, attempt, env } = instruction;
      const iatMs = over.iatMs ?? time.now();
      return signToken(key, {
        version: 1,
        env,
        kid: 'k1',
        jti: newId('jti', time.now(), random),
        aud: 'gateway-1',
        paymentId,
        attempt,
        iatMs,
        expMs: iatMs + 120_000,
        instructionHash: instructionHash(instruction),
        ...over,
      });
    },
    authorise() {
      const instruction = rig.instruction();
      const jti = newId('jti', time.now(), random);
      return { instruction, jti, token: rig.tokenOf(instruction, { jti }) };
    },
    signAgain: (payment: AuthorisedPayment) => ({
      ...payment,
      token: rig.tokenOf(payment.instruction, { jti: payment.jti }),
    }),
    async pushSet(over = {}) {
      const set: RestrictionSet = {
        version: ++setVersion,
        epoch: 1,
        madeAtMs: time.now(),
        restrictions: [],
        releases: [],
        ...over,
      };
      return parseJson(
        (await call('guard', GATEWAY_PATH.set, signSet(KEYS.guard.privateKey, set))).body,
      );
    },
    async press(over = {}) {
      const request = {
        partition: 'gateway-1',
        rail: 'bifast' as const,
        direction: 'out' as const,
        reason: 'uji',
        staffId: 'ani',
        atMs: time.now(),
        nonce: String(++sequence),
      };
      return (await rig.gateway.control({
        ...makeStop(KEYS.ani.privateKey, request),
        ...over,
      })) as { ok: boolean; latchId?: string };
    },
    release(plan, state, signers = ['ani', 'budi']) {
      const whole = {
        releaseId: newId('rel', time.now(), random),
        stages: [],
        madeAtMs: time.now(),
        startBeforeMs: time.now() + 3_600_000,
        ...plan,
      };
      return {
        plan: whole,
        state,
        signatures: signers.map((staffId) => ({
          staffId,
          signature: signRelease(KEYS[staffId].privateKey, whole),
        })),
      };
    },
    page: async (after = 0) =>
      parseJson(
        (await call('guard', `${GATEWAY_PATH.journal}?after=${after}&limit=1000`)).body,
      ) as JournalPage,
    async bodies(kind) {
      const { entries } = await rig.page();
      return entries.map(({ body }) => body).filter((body) => body.kind === kind) as never;
    },
    async restart({ isKilled = true, witness = true, folder: other } = {}) {
      await (isKilled ? rig.gateway.abandon() : rig.gateway.stop());
      if (other) folder = other;
      rig.gateway = await start();
      if (witness) await rig.page(0);
    },
    copyFolder() {
      const copy = `${folder}-${++sequence}`;
      cpSync(folder, copy, { recursive: true });
      // A disk image of a dead machine: its owner is nobody's process any more.
      for (const name of readdirSync(copy).filter((file) => file.startsWith('epoch-'))) {
        const owner = JSON.parse(readFileSync(join(copy, name), 'utf8')) as object;
        writeFileSync(join(copy, name), JSON.stringify({ ...owner, bornAt: 'another machine' }));
      }
      return copy;
    },
    async crashAt(point, act) {
      let crash: (() => void) | undefined;
      const crashed = new Promise<void>((resolve) => (crash = resolve));
      const undo = onFaultPoint((name) => {
        if (name !== point || !crash) return;
        crash();
        crash = undefined;
        throw new Error('killed by the test');
      });
      const lost = act().catch(() => {});
      await crashed;
      undo();
      await rig.restart();
      await lost;
    },
  };
  if (options.isOpened !== false) {
    const signers = [
      { staffId: 'ani', key: KEYS.ani.privateKey },
      { staffId: 'budi', key: KEYS.budi.privateKey },
    ];
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, OPENING_FILE),
      makeOpening({ partition: 'gateway-1', epoch: 1, madeAtMs: time.now(), signers }),
    );
  }
  rig.gateway = await start();
  await rig.pushSet();
  await time.sleep(1_500);
  try {
    await input.work(rig);
  } finally {
    await rig.gateway.abandon();
  }
}
