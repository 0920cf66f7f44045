/** Load as a partner makes it: signed SNAP transfers, each asked for with the same body until there is an answer that says what
 * became of it; and credits from other banks. Keeps what the partner was told, which is what the bank must keep to. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { httpTo } from '../../sim/customer/http.ts';
import { snapClient, type SnapAnswer, type SnapClient } from '../../sim/customer/snap-client.ts';
import { demoCustomer } from '../../src/app/demo-people.ts';
import { formatIdr } from '../../src/kernel/money.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { wibIso } from '../../src/kernel/time.ts';
import type { Rig } from './rig.ts';

const ONUS = { accountCount: 40, workers: 3, pauseMs: 60 } as const;
/** A transfer starts this often whatever became of the others: one that a crash caught takes ten seconds to be told. */
const BIFAST_EVERY_MS = 150;
/** Shares of it, in turn: payments as even as a clock, payers in the order of their numbers and few payees are what D16 holds. */
const UNEVEN = [0.2, 1.6, 0.5, 1.9, 0.8] as const;
/** Payers come in this step, which shares no factor with their number. */
const PAYER_STEP = 17;
const BIFAST_TOGETHER_MAX = 90;
const ANSWER_MS_MAX = 15_000;
/** One partner asks this long for the answer to one reference, then the test fails. */
const TOLD_MS_MAX = 120_000;
/** A partner's own pool; a flood of more than this waits for its turn there. */
const SOCKET_MAX = 1_000;
/** A partner waits longer each time: a flood that asks again at once uses up the ports of the machine. */
const AGAIN_MS_FIRST = 200;
const AGAIN_MS_MAX = 1_000;
const CREDIT_EVERY_MS = 400;
const BANKS = ['BNINIDJA', 'CENAIDJA', 'BMRIIDJA', 'BRINIDJA'] as const;
const BANK_CODES = ['009', '014', '008', '002'] as const;
/** Ends of beneficiary accounts at other banks (sim/hub/faults.ts); two plain ones between each two. */
const SUFFIXES = [
  '99101',
  '99110',
  '99900',
  '99903',
  '99904',
  '99906',
  '99110',
  '99155',
  '99907',
] as const;

/** One transfer that the partner asked for, and the last word it got. */
export interface Told {
  readonly reference: string;
  readonly kind: 'onus' | 'bifast_out';
  readonly from: string;
  readonly to: string;
  readonly amountSen: bigint;
  readonly transactionDate: string;
  readonly bank: number;
  code: string;
  /** The bank's own reference, once it told one. */
  referenceNo?: string;
  askedCount: number;
}

export interface Load {
  readonly told: readonly Told[];
  /** Answers that told nothing about the transfer, by code (`none` = no answer), and how long the slowest answer to a transfer inside the bank took. */
  readonly evasions: Map<string, number>;
  readonly slowest: { ms: number };
  /** A transfer of the test's own, asked for like the others. */
  transfer(suffix: string): Promise<Told>;
  /** So many transfers inside the bank at the same instant. */
  flood(count: number): Promise<void>;
  /** Asks with the same body for everything that was ended already, or the last `countMax` of it: the answer must be the same. */
  askAgain(countMax: number): Promise<number>;
  /** Asks nothing new, and waits until everything asked for was answered. */
  stop(): Promise<void>;
}

/** What is asked for all the time. */
export interface LoadOptions {
  readonly prefix: string;
  /** False: only what the test itself asks for. */
  readonly isBackground: boolean;
  /** Transfers inside the bank only, as fast as so many askers get their answers. */
  readonly onusOnly?: {
    readonly accountCount: number;
    readonly workers: number;
    readonly pauseMs: number;
  };
}

/** Starts asking. */
export function startLoad(rig: Rig, options: LoadOptions): Load {
  const {
    time,
    credentials: { partner },
  } = rig;
  let payees = 0;
  const carrier = httpTo({
    host: '127.0.0.1',
    port: rig.ports.of('core-1'),
    timeoutMs: ANSWER_MS_MAX,
    socketCountMax: SOCKET_MAX,
  });
  const snap = snapClient({
    time,
    random: systemRandom(),
    http: carrier.http,
    partner: {
      clientId: partner.clientId,
      partnerId: partner.clientId,
      channelId: '95221',
      clientSecret: partner.clientSecret,
      signatureEncoding: 'base64',
      privateKey: createPrivateKey(readFileSync(partner.privateKeyFile, 'utf8')),
    },
  });
  const told: Told[] = [];
  const evasions = new Map<string, number>();
  const slowest = { ms: 0 };
  const { accountCount, workers: onusCount, pauseMs } = options.onusOnly ?? ONUS;
  // Our customers who pay and are paid.
  const accounts = Array.from(
    { length: accountCount },
    (_, index) => demoCustomer(100 + index).account,
  );
  const stopping = new AbortController();
  let count = 0;

  const next = (kind: Told['kind'], { to, bank }: { to: string; bank: number }): Told => {
    const from = accounts[(count * PAYER_STEP) % accountCount]!;
    const one: Told = {
      reference: `${options.prefix}${++count}`,
      kind,
      from,
      to,
      amountSen: BigInt(1_000_000 + (count % 10_000) * 100),
      transactionDate: wibIso(time.now()),
      bank,
      code: '',
      askedCount: 0,
    };
    told.push(one);
    return one;
  };
  const asking = { rig, snap, evasions, slowest };
  const onus = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const to = accounts[(count * 7 + 1) % accountCount]!;
      await askUntilTold({ ...asking, one: next('onus', { to, bank: 0 }) });
      if (pauseMs > 0) await time.sleep(pauseMs);
    }
  };
  const bifast = async (): Promise<void> => {
    const waiting = new Set<Promise<void>>();
    const faults: unknown[] = [];
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const suffix = turn % 3 === 0 ? SUFFIXES[(turn / 3) % SUFFIXES.length]! : '12345';
      if (waiting.size < BIFAST_TOGETHER_MAX) {
        const one = next('bifast_out', { to: `70000${suffix}`, bank: turn % BANKS.length });
        const asked = askUntilTold({ ...asking, one })
          .catch((error: unknown) => void faults.push(error))
          .finally(() => waiting.delete(asked));
        waiting.add(asked);
      }
      await time.sleep(BIFAST_EVERY_MS * UNEVEN[turn % UNEVEN.length]!, stopping.signal);
    }
    await Promise.all(waiting);
    if (faults.length > 0) throw faults[0];
  };
  const credit = async (): Promise<void> => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const account = turn % 9 === 8 ? '1999999999' : accounts[turn % accountCount]!;
      rig.hub.order({
        account,
        amountSen: String(500_000 + turn),
        fromBank: BANKS[turn % BANKS.length]!,
        noticeCount: turn % 5 === 0 ? 2 : 1,
      });
      await time.sleep(CREDIT_EVERY_MS);
    }
  };
  const workers = options.isBackground
    ? [
        ...Array.from({ length: onusCount }, onus),
        ...(options.onusOnly ? [] : [bifast(), credit()]),
      ]
    : [];
  // Seen where it is awaited.
  for (const worker of workers) worker.catch(() => {});
  return {
    told,
    evasions,
    slowest,
    async transfer(suffix) {
      // Everybody pays somebody else: many who pay one new payee one after the other are held (D16).
      payees += 1;
      const to = `70${String(payees % 1_000).padStart(3, '0')}${suffix}`;
      const one = next('bifast_out', { to, bank: 0 });
      await askUntilTold({ ...asking, one });
      return one;
    },
    async flood(size) {
      const all = Array.from({ length: size }, () => next('onus', { to: accounts[0]!, bank: 0 }));
      await Promise.all(all.map((one) => askUntilTold({ ...asking, one })));
    },
    async askAgain(countMax) {
      const ended = told.filter(({ code }) => code !== '' && !code.startsWith('202'));
      const some = ended.slice(-countMax);
      for (const one of some) {
        const again = { ...one };
        await askUntilTold({ ...asking, one: again });
        const { code, referenceNo } = again;
        assert.deepEqual(
          { code, referenceNo },
          { code: one.code, referenceNo: one.referenceNo },
          `T6 ${one.reference} gets the same answer again`,
        );
      }
      return some.length;
    },
    async stop() {
      stopping.abort();
      await Promise.all(workers);
      carrier.close();
    },
  };
}

async function askUntilTold(input: {
  readonly rig: Rig;
  readonly snap: SnapClient;
  readonly one: Told;
  readonly evasions: Map<string, number>;
  readonly slowest: { ms: number };
}): Promise<void> {
  const {
    one,
    snap,
    evasions,
    slowest,
    rig: { time },
  } = input;
  const path = one.kind === 'onus' ? '/v1.0/transfer-intrabank' : '/v1.0/transfer-interbank';
  const until = time.now() + TOLD_MS_MAX;
  for (;;) {
    one.askedCount++;
    const askedMs = time.now();
    let fault = '';
    const answer = await snap.call(path, bodyOf(one)).catch((error: { code?: string }) => {
      fault = ` (${error.code ?? 'no code'})`;
    });
    // Between banks it waits ten seconds for an outcome before it says that there is none yet.
    if (one.kind === 'onus') slowest.ms = Math.max(slowest.ms, time.now() - askedMs);
    if (answer && isLastWord(answer)) {
      const { referenceNo } = answer.body;
      if (typeof referenceNo === 'string') one.referenceNo = referenceNo;
      one.code = answer.code;
      return;
    }
    const evasion = answer ? answer.code || `HTTP ${answer.status}` : `none${fault}`;
    evasions.set(evasion, (evasions.get(evasion) ?? 0) + 1);
    if (time.now() > until)
      throw new Error(
        `${one.reference} got no answer in ${TOLD_MS_MAX / 1000} s; the last was ${evasion}`,
      );
    await time.sleep(Math.min(AGAIN_MS_MAX, AGAIN_MS_FIRST * one.askedCount));
  }
}

/** The same for every time that it is asked: the reference is the key of idempotency, and a repeat has the same body. */
function bodyOf(one: Told): Readonly<Record<string, unknown>> {
  return {
    partnerReferenceNo: one.reference,
    amount: { value: formatIdr(one.amountSen), currency: 'IDR' },
    beneficiaryAccountNo: one.to,
    sourceAccountNo: one.from,
    transactionDate: one.transactionDate,
    ...(one.kind === 'bifast_out' && {
      beneficiaryAccountName: 'PENERIMA UJI',
      beneficiaryBankCode: BANK_CODES[one.bank]!,
    }),
  };
}

/** 2xx, or a refusal of this transfer. No answer, 401 after a restart, 429 and 5xx tell nothing about it. */
function isLastWord({ status, code }: SnapAnswer): boolean {
  return code !== '' && status !== 401 && status !== 429 && status < 500;
}
