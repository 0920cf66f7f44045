/** Load as a partner makes it: signed SNAP transfers, each asked for with the same body until there is an answer that says what
 * became of it; and credits from other banks. Keeps what the partner was told, which is what the bank must keep to. */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { httpTo } from '../../sim/customer/http.ts';
import { snapClient, type SnapAnswer, type SnapClient } from '../../sim/customer/snap-client.ts';
import { demoCustomer } from '../../src/app/demo-people.ts';
import { formatIdr } from '../../src/kernel/money.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { wibIso } from '../../src/kernel/time.ts';
import type { Rig } from './rig.ts';

const ACCOUNT_COUNT = 40;
const ONUS_WORKERS = 3;
const ONUS_PAUSE_MS = 60;
/** A transfer starts this often whatever became of the others: one that a crash caught takes ten seconds to be told. */
const BIFAST_EVERY_MS = 150;
const BIFAST_TOGETHER_MAX = 90;
const ANSWER_MS_MAX = 15_000;
/** One partner asks this long for the answer to one reference, then the test fails. */
const TOLD_MS_MAX = 120_000;
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
  code: string;
  askedCount: number;
}

export interface Load {
  readonly told: readonly Told[];
  /** A transfer of the test's own, asked for like the others. */
  transfer(suffix: string): Promise<Told>;
  /** Asks nothing new, and waits until everything asked for was answered. */
  stop(): Promise<void>;
}

/** Our customers who pay and are paid. */
export function loadAccounts(): readonly string[] {
  return Array.from({ length: ACCOUNT_COUNT }, (_, index) => demoCustomer(100 + index).account);
}

/** Starts asking; without `isBackground` only what the test itself asks for. */
export function startLoad(
  rig: Rig,
  options: { readonly prefix: string; readonly isBackground: boolean },
): Load {
  const {
    time,
    credentials: { partner },
  } = rig;
  const carrier = httpTo({
    host: '127.0.0.1',
    port: rig.ports.of('core-1'),
    timeoutMs: ANSWER_MS_MAX,
    socketCountMax: 128,
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
  const accounts = loadAccounts();
  const stopping = new AbortController();
  let count = 0;

  const next = (kind: Told['kind'], to: string): Told => {
    const from = accounts[count % ACCOUNT_COUNT]!;
    const one: Told = {
      reference: `${options.prefix}${++count}`,
      kind,
      from,
      to,
      amountSen: BigInt(1_000_000 + count * 100),
      code: '',
      askedCount: 0,
    };
    told.push(one);
    return one;
  };
  const onus = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const to = accounts[(count * 7 + 1) % ACCOUNT_COUNT]!;
      await askUntilTold({ rig, snap, one: next('onus', to), bank: 0 });
      await time.sleep(ONUS_PAUSE_MS);
    }
  };
  const bifast = async (): Promise<void> => {
    const asking = new Set<Promise<void>>();
    const faults: unknown[] = [];
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const suffix = turn % 3 === 0 ? SUFFIXES[(turn / 3) % SUFFIXES.length]! : '12345';
      if (asking.size < BIFAST_TOGETHER_MAX) {
        const one = next('bifast_out', `70000${suffix}`);
        const asked = askUntilTold({ rig, snap, one, bank: turn % BANKS.length })
          .catch((error: unknown) => void faults.push(error))
          .finally(() => asking.delete(asked));
        asking.add(asked);
      }
      await time.sleep(BIFAST_EVERY_MS, stopping.signal);
    }
    await Promise.all(asking);
    if (faults.length > 0) throw faults[0];
  };
  const credit = async (): Promise<void> => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const account = turn % 9 === 8 ? '1999999999' : accounts[turn % ACCOUNT_COUNT]!;
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
    ? [...Array.from({ length: ONUS_WORKERS }, onus), bifast(), credit()]
    : [];
  // Seen where it is awaited.
  for (const worker of workers) worker.catch(() => {});
  return {
    told,
    async transfer(suffix) {
      const one = next('bifast_out', `70000${suffix}`);
      await askUntilTold({ rig, snap, one, bank: 0 });
      return one;
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
  readonly bank: number;
}): Promise<void> {
  const {
    one,
    snap,
    rig: { time },
  } = input;
  const body = {
    partnerReferenceNo: one.reference,
    amount: { value: formatIdr(one.amountSen), currency: 'IDR' },
    beneficiaryAccountNo: one.to,
    sourceAccountNo: one.from,
    transactionDate: wibIso(time.now()),
    ...(one.kind === 'bifast_out' && {
      beneficiaryAccountName: 'PENERIMA UJI',
      beneficiaryBankCode: BANK_CODES[input.bank]!,
    }),
  };
  const until = time.now() + TOLD_MS_MAX;
  for (;;) {
    one.askedCount++;
    const answer = await snap
      .call(one.kind === 'onus' ? '/v1.0/transfer-intrabank' : '/v1.0/transfer-interbank', body)
      .catch(() => undefined);
    if (answer && isLastWord(answer)) {
      one.code = answer.code;
      return;
    }
    if (time.now() > until)
      throw new Error(
        `${one.reference} got no answer in ${TOLD_MS_MAX / 1000} s; the last was ${answer?.code ?? 'none'}`,
      );
    await time.sleep(200);
  }
}

/** 2xx, or a refusal of this transfer. No answer, 401 after a restart, 429 and 5xx tell nothing about it. */
function isLastWord({ status, code }: SnapAnswer): boolean {
  return code !== '' && status !== 401 && status !== 429 && status < 500;
}
