/** What is asserted and cut of a transfer command before anything is decided. Pure. */
import { assert } from '../kernel/assert.ts';
import type { Sen } from '../kernel/money.ts';
import { isProxy } from '../rail/bifast/proxy.ts';
import type { TransferCommand } from './port.ts';
import { plainText } from './text.ts';

/** Longest texts that the rails carry: domain.md 2.4 (remittance 140). Longer ones are cut, never refused after a PIN. */
const NAME_MAX = 140;
const REMARK_MAX = 140;
const ID_TEXT = /^[\x20-\x7e]{1,200}$/;

/** Text that PostgreSQL and the rails can hold. Keys and accounts are the channel's to validate: anything else is its bug. */
export function cleaned(command: TransferCommand): TransferCommand {
  assert(ID_TEXT.test(command.key), 'an idempotency key is printable');
  for (const id of [
    command.debitAccount,
    command.creditorAccount,
    command.creditorBank,
    command.partnerReferenceNo ?? '-',
    command.partnerId ?? '-',
  ]) {
    assert(ID_TEXT.test(id), 'ids in a transfer are printable');
  }
  assert(
    command.creditorProxy === undefined || isProxy(command.creditorProxy),
    'a proxy has the form of its type',
  );
  const isReferenced = command.partnerReferenceNo !== undefined;
  assert(
    isReferenced === (command.partnerId !== undefined),
    'a partner reference belongs to a partner',
  );
  assert(
    !isReferenced || command.key === `snap:${command.partnerId}:${command.partnerReferenceNo}`,
    "a partner's key is its reference (T6)",
  );
  const { merchant } = command;
  assert(
    !merchant || (merchant.mdrSen >= 0n && merchant.mdrSen < command.amount),
    'a merchant pays less than comes in',
  );
  assert(
    command.channel !== 'mobile' || command.confirmedFeeSen !== undefined,
    'a person pays the fee that was shown (I7)',
  );
  return {
    ...command,
    amount: command.amount as Sen,
    creditorName: plainText(command.creditorName, NAME_MAX),
    ...(command.creditorProxy && {
      creditorProxy: {
        ...command.creditorProxy,
        registeredName: plainText(command.creditorProxy.registeredName, NAME_MAX),
      },
    }),
    remark: plainText(command.remark, REMARK_MAX),
  };
}
