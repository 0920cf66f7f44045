/** How a bank behind the switch answers: for its cards, its accounts and its merchants. Pure: facts in, answer out. */
import { otherAccount } from '../hub/people.ts';
import type { Fields } from './codec.ts';
import type { Flow } from './flow.ts';
import { isLuhn, type Peer } from './peers.ts';
import { decideQrisPayment, decideQrisTransfer } from './qris.ts';
import { padText, readNames, writeBalances, writeNames } from './private-data.ts';

export interface PeerFacts {
  readonly peer: Peer;
  readonly flow: Exclude<Flow, 'reversal' | 'qris_check' | 'qris_refund' | 'qris_presented'>;
  readonly fields: Fields;
  /** DE4. */
  readonly amountSen: bigint;
  /** What lies on the account that DE2 stands for. */
  readonly balanceSen: bigint;
  /** undefined = DE52 holds no PIN under this link's key. */
  readonly isPinRight: boolean | undefined;
  readonly pinTries: number;
  /** YYMM of now. */
  readonly month: string;
}

export interface PeerAnswer {
  readonly rc: string;
  /** Besides what every answer carries. */
  readonly fields: Fields;
}

/** Rp10.000.000: the cap of one withdrawal or deposit here. */
const AMOUNT_SEN_MAX = 1_000_000_000n;
/** Rp25.000.000 per online transfer. Source: domain.md 4.7. */
const TRANSFER_SEN_MAX = 2_500_000_000n;
const PIN_TRY_COUNT_MAX = 3;

/** Answers one request. */
export function decidePeerAnswer(facts: PeerFacts): PeerAnswer {
  switch (facts.flow) {
    case 'withdrawal':
    case 'balance':
      return answerCard(facts);
    case 'deposit':
      return answerDeposit(facts);
    case 'transfer_inquiry':
    case 'transfer':
      return answerTransfer(facts);
    case 'qris':
      return answerQris(facts);
    case 'qris_transfer':
      return answerQrisTransfer(facts);
  }
}

function answerCard(facts: PeerFacts): PeerAnswer {
  const { fields, amountSen, balanceSen } = facts;
  const isWithdrawal = facts.flow === 'withdrawal';
  if (!isLuhn(fields[2]!)) return no('14');
  const expiry = fields[14] ?? /[=D](\d{4})/.exec(fields[35] ?? '')?.[1];
  if (expiry !== undefined && expiry < facts.month) return no('33');
  if (facts.pinTries >= PIN_TRY_COUNT_MAX) return no('75');
  if (facts.isPinRight === undefined) return no('63');
  if (!facts.isPinRight) return no(facts.pinTries + 1 >= PIN_TRY_COUNT_MAX ? '75' : '55');
  if (isWithdrawal && amountSen === 0n) return no('13');
  if (isWithdrawal && amountSen > AMOUNT_SEN_MAX) return no('61');
  if (isWithdrawal && amountSen > balanceSen) return no('51');
  return yes({ 54: balances(isWithdrawal ? balanceSen - amountSen : balanceSen) });
}

function answerDeposit({ fields, amountSen, balanceSen }: PeerFacts): PeerAnswer {
  if (!isLuhn(fields[2]!)) return no('14');
  if (amountSen === 0n) return no('13');
  return amountSen > AMOUNT_SEN_MAX ? no('61') : yes({ 54: balances(balanceSen + amountSen) });
}

function answerTransfer({ fields, flow, amountSen }: PeerFacts): PeerAnswer {
  if (!/^\d{6,16}$/.test(fields[103]!)) return no('76');
  const holder = otherAccount(fields[103]!).name;
  const names = fields[48] === undefined ? undefined : readNames(fields[48]);
  const filled = writeNames({
    beneficiary: holder,
    reference: names?.reference ?? '',
    sender: names?.sender ?? '',
  });
  if (flow === 'transfer_inquiry') return yes({ 48: filled });
  if (!names) return no('30');
  if (amountSen === 0n) return no('13');
  return amountSen > TRANSFER_SEN_MAX ? no('61') : yes({ 48: filled });
}

function answerQris({ peer, fields }: PeerFacts): PeerAnswer {
  const rc = decideQrisPayment(peer, fields);
  return rc === '00' ? yes({ 43: padText(fields[43]!, 40) }) : no(rc);
}

/** Money for a customer of the peer whose code was scanned. */
function answerQrisTransfer({ peer, fields }: PeerFacts): PeerAnswer {
  const rc = decideQrisTransfer(peer, fields);
  return rc === '00' ? yes({}) : no(rc);
}

function balances(sen: bigint): string {
  return writeBalances({ accountType: '10', ledgerSen: sen, availableSen: sen });
}

function yes(fields: Fields): PeerAnswer {
  return { rc: '00', fields };
}

function no(rc: string): PeerAnswer {
  return { rc, fields: {} };
}
