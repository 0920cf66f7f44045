/** Cards for tests: the real slice on the small bank of payment tests, with an HSM that is given as an argument and does what the test
 * tells it. Its "block" is the PIN itself, which no real one is. */
import { createCards, openCards } from './open.ts';
import { openTokens } from './token.ts';
import type { Cards } from './port.ts';
import { withBank, BANK, PARTY_KEY, type TestBank } from '../payment/test-bank.ts';
import type { PaymentSettings } from '../payment/settings.ts';
import type { CardRequest, SwitchReversalNotice } from '../rail/notice-switch.ts';
import type { NoticeAnswer } from '../rail/notice.ts';
import type { HsmCalls, HsmAnswer } from '../rail/hsm/port.ts';
import { WireFault } from '../kernel/wire.ts';
import { seededRandom } from '../kernel/random.ts';
import { machineAccount } from '../kernel/bank.ts';
import { rupiah } from '../kernel/money.ts';
import { openAccounts } from '../ledger/account.ts';

/** What the test's chip signs, whatever it is asked. */
export const RIGHT_ARQC = '0123456789ABCDEF';
/** A machine of ours. */
export const MACHINE = 'ATM19901';
/** Of `card` 1, on account `1001`. */
export const PAN = '6399991000000010';
/** Of `card` 2, on account `1002`. */
export const OTHER_PAN = '6399991000000028';
export const PIN = '123456';
const EXPIRY = '3112';
const KEY = Buffer.alloc(32, 7);

export interface TestCards extends TestBank {
  readonly cards: Cards;
  /** One more service, as another process would have. */
  anotherCards(): Cards;
  /** What the HSM does: the truth, or not. */
  readonly hsm: {
    mode: 'truth' | 'silent' | 'rate_limited' | 'bad_pin_block';
    calls: number;
    readonly seen: string[];
  };
}

/** Runs `work` with two active cards. */
export async function withCards(
  work: (bank: TestCards) => Promise<void>,
  options: { readonly settings?: Partial<PaymentSettings>; readonly days?: number } = {},
): Promise<void> {
  await withBank(async (bank) => {
    const hsm: TestCards['hsm'] = { mode: 'truth', calls: 0, seen: [] };
    const anotherCards = (): Cards => openTestCards(bank, hsm, options.settings ?? {});
    const tokenOf = openTokens(KEY);
    await bank.db.tx((tx) =>
      openAccounts(tx, {
        nowMs: bank.time.now(),
        accounts: [
          { number: machineAccount(MACHINE), book: 'cash', name: MACHINE, mayGoNegative: true },
        ],
      }),
    );
    await bank.db.tx((tx) =>
      createCards(tx, {
        nowMs: bank.time.now(),
        cards: [PAN, OTHER_PAN].map((pan, index) => ({
          id: `crd_${index + 1}`,
          token: tokenOf(pan),
          maskedPan: `${pan.slice(0, 6)}******${pan.slice(-4)}`,
          customerId: `C${index + 1}`,
          account: `100${index + 1}`,
          expiry: EXPIRY,
          pinValue: `value:${PIN}`,
        })),
      }),
    );
    await work({ ...bank, cards: anotherCards(), anotherCards, hsm });
  }, options);
}

let opened = 0;

function openTestCards(
  bank: TestBank,
  hsm: TestCards['hsm'],
  settings: Partial<PaymentSettings>,
): Cards {
  const { db, ledger, time, gate } = bank;
  const write = (fields: Readonly<Record<string, unknown>>, event: string): void =>
    void bank.logged.push(JSON.stringify({ ...fields, event }));
  return openCards({
    db,
    ledger,
    time,
    gate: { decide: (flow) => gate.decide(flow) },
    random: seededRandom(`cards ${++opened}`),
    log: { info: write, warn: write, error: write },
    bank: BANK,
    tokenKey: KEY,
    partyKey: PARTY_KEY,
    settings,
    hsm: {
      async verifyPin({
        block,
        pan,
        verificationValue,
      }): Promise<HsmAnswer<HsmCalls['verifyPin']['result']>> {
        hsm.calls++;
        hsm.seen.push(pan);
        await time.sleep(20);
        if (hsm.mode === 'silent') throw new WireFault('no_answer', 'no answer');
        if (hsm.mode !== 'truth') return { ok: false, reason: hsm.mode };
        return { ok: true, isRight: `value:${block}` === verificationValue };
      },
      async verifyCryptogram({ arqc }) {
        return arqc === RIGHT_ARQC
          ? { ok: true, isRight: true, arpc: 'A'.repeat(16) }
          : { ok: true, isRight: false };
      },
      async changePin({ block, newBlock, verificationValue }) {
        hsm.calls++;
        await time.sleep(20);
        if (newBlock.length < 6) return { ok: false, reason: 'pin_length' };
        return `value:${block}` === verificationValue
          ? { ok: true, isRight: true, verificationValue: `value:${newBlock}` }
          : { ok: true, isRight: false };
      },
    },
  });
}

/** Cash of Rp100.000 at an ATM of BCA. `n` makes another request. */
export function cash(
  bank: TestBank,
  n: number,
  more: Partial<Omit<CardRequest, 'card'>> & { readonly card?: Partial<CardRequest['card']> } = {},
): CardRequest {
  return {
    kind: 'request',
    rail: 'switch',
    what: 'withdrawal',
    bizMsgIdr: idOf(n),
    rrn: `rrn${String(n).padStart(9, '0')}`,
    fromBank: 'CENAIDJA',
    amountSen: String(rupiah(100_000)),
    deadlineMs: bank.time.now() + 12_000,
    terminal: 'ATM01401',
    place: 'ATM BCA THAMRIN JAKARTA',
    ...more,
    card: { pan: PAN, expiry: EXPIRY, pinBlock: PIN, pinKey: 'zpk.demo', ...more.card },
  };
}

/** The same at a machine of ours. */
export function atOurs(
  bank: TestBank,
  n: number,
  more: Parameters<typeof cash>[2] = {},
): CardRequest {
  return cash(bank, n, {
    fromBank: BANK.bic,
    terminal: MACHINE,
    place: 'ATM PULIH SUDIRMAN',
    ...more,
    card: { pinKey: `tpk.${MACHINE.toLowerCase()}`, ...more.card },
  });
}

/** Takes `cash(n)` back, all but `keptSen`. */
export function reversal(
  n: number,
  more: Partial<SwitchReversalNotice & { readonly what: 'withdrawal' | 'deposit' }> = {},
) {
  return {
    kind: 'reversal',
    rail: 'switch',
    bizMsgIdr: idOf(n),
    fromBank: 'CENAIDJA',
    amountSen: String(rupiah(100_000)),
    keptSen: '0',
    what: 'withdrawal',
    ...more,
  } as const;
}

/** The name of request `n`. */
export function idOf(n: number): string {
  return `20260801050000${String(n).padStart(17, '0')}`;
}

/** DE39 of an answer. */
export function codeOf(answer: NoticeAnswer): string {
  if (!answer.taken) return answer.code;
  return answer.approved === false ? answer.code : '00';
}
