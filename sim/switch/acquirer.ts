/** What the customers of other banks do, in the words of a script: draw cash with our card, send money to our account, pay our
 * merchant. */
import type { SwitchContext } from './context.ts';
import type { Behaviour } from './faults.ts';
import { askBank, giveBack, type OutgoingResult } from './outgoing.ts';
import type { Card, Peer } from './peers.ts';
import {
  checkFields,
  paymentFields,
  presentedFields,
  refundFields,
  transferByCodeFields,
} from './qris.ts';
import { readShown } from './presented.ts';
import { padText, writeEmv, writeNames } from './private-data.ts';

/** What the outside world can do to the bank over this switch. `bank` = code of the peer whose customer or machine it is. */
export interface Acquirer {
  withdraw(input: {
    readonly bank: string;
    readonly card: Card;
    readonly amountSen: bigint;
    readonly terminal?: string;
    /** Chip: DE22 051 and DE55, which no test key signed. */
    readonly isChip?: boolean;
    readonly fault?: Behaviour;
  }): Promise<OutgoingResult>;
  balance(input: { readonly bank: string; readonly card: Card }): Promise<OutgoingResult>;
  /** Asks whose account it is. */
  inquire(input: TransferInput): Promise<OutgoingResult>;
  transfer(input: TransferInput): Promise<OutgoingResult>;
  payMerchant(input: QrisInput): Promise<OutgoingResult>;
  /** A customer scanned the code with which a customer of the bank receives money. */
  sendByCode(input: CodeTransferInput): Promise<OutgoingResult>;
  /** A shop scans the code that a customer of the bank shows. RangeError for what is no such code. */
  chargeShown(input: ShownInput): Promise<OutgoingResult>;
  /** Asks what became of a QRIS payment of before, by its id in the book. */
  checkPayment(id: string): Promise<OutgoingResult>;
  /** A shop gives back what a customer of the bank paid there, or a part: named by the RRN of the payment. */
  refund(input: RefundInput): Promise<OutgoingResult>;
  /** The machine gave out `keptSen` of what was approved, the rest goes back by 0420 with DE95, repeated until
   * the bank has taken it. Once per request. */
  giveBack(id: string, keptSen: bigint): void;
}

export interface TransferInput {
  readonly bank: string;
  readonly fromAccount: string;
  readonly toAccount: string;
  readonly amountSen: bigint;
  readonly reference?: string;
  readonly senderName?: string;
}

export interface RefundInput {
  /** DE37 of the bank's payment. */
  readonly rrn: string;
  readonly amountSen: bigint;
  /** The shop's own number. */
  readonly refundNumber: string;
  readonly fault?: Behaviour;
}

export interface ShownInput {
  /** The shop's bank. */
  readonly bank: string;
  /** What the code says: Base64. */
  readonly payload: string;
  readonly merchantPan: string;
  readonly merchantId: string;
  readonly merchantName: string;
  readonly city?: string;
  readonly amountSen: bigint;
  readonly tags?: Readonly<Record<string, string>>;
  readonly fault?: Behaviour;
}

export interface CodeTransferInput {
  readonly bank: string;
  readonly fromAccount: string;
  /** 40-01, 40-02 and 59 of the code. */
  readonly pan: string;
  readonly beneficiary: string;
  readonly name: string;
  readonly amountSen: bigint;
  readonly fault?: Behaviour;
}

export interface QrisInput {
  readonly bank: string;
  /** DE48 MP. */
  readonly merchantPan: string;
  /** DE42. */
  readonly merchantId: string;
  readonly merchantName: string;
  readonly city?: string;
  /** What DE2, the customer's alias, is made of. */
  readonly fromAccount: string;
  readonly amountSen: bigint;
  /** DE48 CR. @default 'UMI' */
  readonly criteria?: string;
  /** DE41. @default the payer's bank's own */
  readonly terminal?: string;
  /** Further tags of DE48: NM, TP, RL, BN. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly fault?: Behaviour;
}

const ATM = '6011';
const MOBILE = '6017';

/** The peers as senders. */
export function openAcquirer(context: SwitchContext): Acquirer {
  const peerOf = (bank: string): Peer => {
    const peer = context.peers.find((one) => one.code === bank);
    if (!peer) throw new RangeError(`Cannot send: no bank ${bank} stands behind the switch`);
    return peer;
  };
  const terminalOf = (bank: string): string => `ATM${bank}01`;
  return {
    withdraw: (input) =>
      askBank(context, {
        flow: 'withdrawal',
        peer: peerOf(input.bank),
        terminal: input.terminal ?? terminalOf(input.bank),
        amountSen: input.amountSen,
        card: input.card,
        fields: cardFields(context, input),
        ...(input.fault && { fault: input.fault }),
      }),
    balance: (input) =>
      askBank(context, {
        flow: 'balance',
        peer: peerOf(input.bank),
        terminal: terminalOf(input.bank),
        card: input.card,
        fields: cardFields(context, input),
      }),
    inquire: (input) =>
      askBank(context, {
        flow: 'transfer_inquiry',
        peer: peerOf(input.bank),
        terminal: terminalOf(input.bank),
        amountSen: input.amountSen,
        fields: transferFields(context, input),
      }),
    transfer: (input) =>
      askBank(context, {
        flow: 'transfer',
        peer: peerOf(input.bank),
        terminal: terminalOf(input.bank),
        amountSen: input.amountSen,
        fields: transferFields(context, input),
      }),
    payMerchant: (input) =>
      askBank(context, {
        flow: 'qris',
        peer: peerOf(input.bank),
        terminal: input.terminal ?? terminalOf(input.bank),
        amountSen: input.amountSen,
        fields: paymentFields(input, { payer: peerOf(input.bank), bankNns: context.bank.nns }),
        ...(input.fault && { fault: input.fault }),
      }),
    sendByCode: async (input) => sendByCode(context, input, peerOf(input.bank)),
    chargeShown: async (input) => sendCharge(context, input, peerOf(input.bank)),
    checkPayment: (id) => sendCheck(context, id, peerOf),
    refund: (input) => sendRefund(context, input, peerOf),
    giveBack: (id, keptSen) => {
      const entry = context.book.find(id);
      if (entry) giveBack(context, entry, keptSen);
    },
  };
}

/** To the customer of the bank that a code names. */
function sendByCode(
  context: SwitchContext,
  input: CodeTransferInput,
  peer: Peer,
): Promise<OutgoingResult> {
  const { fromAccount, fault } = input;
  return askBank(context, {
    flow: 'qris_transfer',
    peer,
    terminal: `ATM${input.bank}01`,
    amountSen: input.amountSen,
    fields: transferByCodeFields(input, {
      payer: peer,
      fromAccount,
      bankNns: context.bank.nns,
    }),
    ...(fault && { fault }),
  });
}

/** The shop's bank asks the bank whose customer shows the code. */
function sendCharge(
  context: SwitchContext,
  input: ShownInput,
  peer: Peer,
): Promise<OutgoingResult> {
  const shown = readShown(input.payload);
  if (!shown) throw new RangeError('Cannot charge: not a code that a customer shows');
  return askBank(context, {
    flow: 'qris_presented',
    peer,
    terminal: `KSR${input.bank}01`,
    amountSen: input.amountSen,
    fields: presentedFields(input, { ...shown, bankNns: context.bank.nns }),
    ...(input.fault && { fault: input.fault }),
  });
}

function sendCheck(
  context: SwitchContext,
  id: string,
  peerOf: (bank: string) => Peer,
): Promise<OutgoingResult> {
  const paid = context.book.find(id);
  const isPaid = paid?.flow === 'qris' || paid?.flow === 'qris_presented';
  if (!isPaid || !paid.request) throw new RangeError('Cannot check: no such payment to the bank');
  return askBank(context, {
    flow: 'qris_check',
    peer: peerOf(paid.bank),
    terminal: paid.terminal,
    fields: checkFields(paid.request),
  });
}

/** The shop's bank is the one that was paid; the refund says what the payment said. */
function sendRefund(
  context: SwitchContext,
  input: RefundInput,
  peerOf: (bank: string) => Peer,
): Promise<OutgoingResult> {
  const { rrn, refundNumber: number, ...rest } = input;
  const paid = context.book.findByReference(rrn);
  const isPaid = paid?.flow === 'qris' || paid?.flow === 'qris_presented';
  if (!isPaid || paid.state !== 'approved' || !paid.request)
    throw new RangeError('Cannot refund: no such payment of the bank');
  return askBank(context, {
    ...rest,
    flow: 'qris_refund',
    peer: peerOf(paid.bank),
    terminal: paid.terminal,
    fields: refundFields(paid.request, { number, bankNns: context.bank.nns }),
  });
}

function cardFields(
  context: SwitchContext,
  input: {
    readonly bank: string;
    readonly card: Card;
    readonly isChip?: boolean;
    readonly amountSen?: bigint;
  },
) {
  const { card } = input;
  return {
    2: card.pan,
    14: card.expiry,
    18: ATM,
    22: input.isChip ? '051' : '021',
    25: '00',
    35: card.track2,
    42: padText(`ATM${input.bank}`, 15),
    43: padText('ATM SIMULASI           JAKARTA      ID', 40),
    100: context.bank.code,
    ...(input.isChip && {
      55: writeEmv({
        '9F26': context.random.bytes(8).toString('hex').toUpperCase(),
        '9F27': '80',
        '9F36': context.random.bytes(2).toString('hex').toUpperCase(),
        '9F37': context.random.bytes(4).toString('hex').toUpperCase(),
        '9F02': String(input.amountSen ?? 0n).padStart(12, '0'),
        '5F2A': '0360',
        '9F1A': '0360',
        '82': '1800',
        '95': '0000008000',
        '9C': '01',
      }),
    }),
  };
}

function transferFields(context: SwitchContext, input: TransferInput) {
  return {
    18: MOBILE,
    22: '010',
    48: writeNames({
      beneficiary: '',
      reference: input.reference ?? '',
      sender: input.senderName ?? 'NASABAH BANK LAIN',
    }),
    100: context.bank.code,
    102: input.fromAccount,
    103: input.toAccount,
    127: context.bank.code,
  };
}
