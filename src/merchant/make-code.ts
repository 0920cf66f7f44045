/** Makes a merchant's codes. A dynamic one is used in the commit of its payment (src/payment/submit.ts). */
import type { EventDraft } from '../audit/event.ts';
import { recordEvents } from '../audit/record.ts';
import type { Tx } from '../db/pool.ts';
import { assert } from '../kernel/assert.ts';
import type { BankProfile } from '../kernel/bank.ts';
import { newId } from '../kernel/ids.ts';
import type { Sen } from '../kernel/money.ts';
import type { Random } from '../kernel/random.ts';
import { encodeQris } from '../rail/qris/encode.ts';
import type { MerchantContext } from './context.ts';
import { CODE_VALID_MS, codeContent, refuseCode } from './decide-code.ts';
import type { CodeCommand, CodeResult, MadeCode, Merchant } from './port.ts';
import {
  insertCode,
  selectByPartner,
  selectMerchant,
  selectStatic,
  type StoredCode,
} from './store.ts';

/** 80 random bits as 16 characters: nobody guesses the reference of another's sale. */
const REFERENCE_CHARACTERS = 16;

/** A dynamic code: made, or found under the same reference; the same reference with another request is a conflict. Without an amount
 * the terminal's static code, which was made when the merchant was opened. */
export async function makeCode(
  context: MerchantContext,
  command: CodeCommand,
): Promise<CodeResult> {
  const { db, time } = context;
  const merchant = await selectMerchant(db, command.merchantId);
  const known = await selectByPartner(db, command.partner);
  if (known) return repeat(command, known, merchant);
  const nowMs = time.now();
  const reason = refuseCode(command, { merchant, capSen: context.rules().capSen, nowMs });
  if (reason) return { ok: false, reason };
  const terminal = command.terminal ?? merchant?.terminals[0];
  assert(merchant && terminal !== undefined, 'a code that is not refused has a terminal');
  const { amountSen } = command;
  if (amountSen === undefined) {
    const stored = await selectStatic(db, { merchantId: merchant.id, terminal });
    assert(stored, 'a terminal has its static code');
    return { ok: true, isRepeat: true, code: stored.code, merchant };
  }
  const code = draftDynamic(context, { command, merchant, terminal, amountSen, nowMs });
  const isMade = await db.tx(async (tx) => {
    const isNew = await insertCode(tx, { code, partner: command.partner, nowMs });
    if (isNew) await recordEvents(tx, [madeEvent(code, nowMs)]);
    return isNew;
  });
  if (isMade) return { ok: true, isRepeat: false, code, merchant };
  const first = await selectByPartner(db, command.partner);
  assert(first, 'a code that could not be written is there already');
  return repeat(command, first, merchant);
}

/** The first answer again. */
function repeat(
  command: CodeCommand,
  { code, requestHash }: StoredCode,
  merchant: Merchant | undefined,
): CodeResult {
  const isSame = requestHash?.equals(command.partner.requestHash) === true;
  if (!isSame || !merchant || merchant.id !== code.merchantId)
    return { ok: false, reason: 'reference_conflict' };
  return { ok: true, isRepeat: true, code, merchant };
}

function draftDynamic(
  context: MerchantContext,
  input: {
    readonly command: CodeCommand;
    readonly merchant: Merchant;
    readonly terminal: string;
    readonly amountSen: Sen;
    readonly nowMs: number;
  },
): MadeCode {
  const { command, merchant, terminal, amountSen, nowMs } = input;
  const { billNumber, storeLabel } = command;
  const id = newId('qrc', nowMs, context.random);
  const reference = id.slice(-REFERENCE_CHARACTERS);
  const { bic } = context.bank;
  const labels = { terminal, reference, billNumber, storeLabel };
  return {
    id,
    merchantId: merchant.id,
    terminal,
    payload: encodeQris(codeContent({ merchant, bic, amountSen, ...labels })),
    reference,
    amountSen,
    validUntilMs: command.validUntilMs ?? nowMs + CODE_VALID_MS,
    ...(billNumber !== undefined && { billNumber }),
  };
}

/** Writes the static code of each terminal of a new merchant: it is printed once and paid for ever. */
export async function makeStaticCodes(
  tx: Tx,
  input: {
    readonly merchant: Merchant;
    readonly bank: BankProfile;
    readonly random: Random;
    readonly nowMs: number;
  },
): Promise<void> {
  const { merchant, bank, random, nowMs } = input;
  for (const terminal of merchant.terminals) {
    const code: MadeCode = {
      id: newId('qrc', nowMs, random),
      merchantId: merchant.id,
      terminal,
      payload: encodeQris(codeContent({ merchant, bic: bank.bic, terminal })),
    };
    await insertCode(tx, { code, partner: undefined, nowMs });
    await recordEvents(tx, [madeEvent(code, nowMs)]);
  }
}

function madeEvent(code: MadeCode, nowMs: number): EventDraft {
  return {
    atMs: nowMs,
    kind: 'merchant_code.made',
    subject: code.id,
    data: {
      merchant: code.merchantId,
      terminal: code.terminal,
      method: code.amountSen === undefined ? 'static' : 'dynamic',
      ...(code.amountSen !== undefined && { amountSen: String(code.amountSen) }),
      ...(code.validUntilMs !== undefined && { validUntilMs: String(code.validUntilMs) }),
    },
  };
}
