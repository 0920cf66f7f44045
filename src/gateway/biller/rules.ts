import type { Instruction } from '../../authorisation/instruction.ts';
import type { BankProfile } from '../../kernel/bank.ts';
import { REFERENCE } from '../../rail/biller/connector.ts';
import { isKeyOf, type ProductTable } from '../../rail/biller/product.ts';
import type { RailRules } from '../host.ts';

/** Rp100: no biller takes less. */
const AMOUNT_SEN_MIN = 10_000n;
/** Rp100,000,000: above what any product of the table is paid for at once [rec]. */
const AMOUNT_SEN_MAX = 10_000_000_000n;

/** What the gateway holds every bill payment of a bank to. */
export function billerRules(given: {
  readonly bank: BankProfile;
  readonly products: ProductTable;
}): RailRules {
  const { bank } = given;
  return {
    amountSenMin: AMOUNT_SEN_MIN,
    amountSenMax: AMOUNT_SEN_MAX,
    dayOf({ bizMsgIdr, msgId }) {
      const [, day, bic] = REFERENCE.exec(bizMsgIdr) ?? [];
      return bic === bank.bic && msgId === undefined ? day : undefined;
    },
    isOurs: (instruction) => isOurs(instruction, given),
  };
}

function isOurs(
  instruction: Instruction,
  given: { readonly bank: BankProfile; readonly products: ProductTable },
): boolean {
  if (instruction.rail !== 'biller') return false;
  const product = given.products.find(instruction.product);
  return (
    product !== undefined &&
    isKeyOf(product, instruction.customerKey) &&
    instruction.aggregator === given.products.aggregator &&
    instruction.debtor.bank === given.bank.bic
  );
}
