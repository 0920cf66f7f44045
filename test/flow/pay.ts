/** One transfer to another bank as a partner makes it, and what the bank's own books and the hub say of it afterwards. */
import { otherAccount } from '../../sim/hub/people.ts';
import type { SnapAnswer, SnapClient } from '../../sim/customer/snap-client.ts';
import { demoCustomer } from '../../src/app/demo-people.ts';
import type { FlowRig } from './rig.ts';
import { selectAvailable, selectByReference } from './store.ts';

/** SNAP: settled; and refused because the service is restricted, with the money back. */
export const PAID = '2001800';
export const RESTRICTED = '4031806';

const TO_BANK = 'BNINIDJA';
const AMOUNT_SEN = 1_000_000n;
/** Every hundredth demo customer works at the bank (`demo-people.ts`): in from the first stage of a release on. */
const STAFF_EVERY = 100;

let count = 0;

/** What became of one transfer. */
export interface Paid {
  readonly reference: string;
  readonly answer: SnapAnswer;
  /** The payment as it is committed; undefined when the books know none. */
  readonly state: string | undefined;
  /** What left the payer's account and did not come back, fee included, sen. */
  readonly spentSen: bigint;
  /** Instructions that reached the hub meanwhile, from whomever. */
  readonly atHub: number;
}

/** A customer who works at the bank. */
export function staffAccount(index: number): string {
  return demoCustomer(STAFF_EVERY * (index + 1) - 1).account;
}

/** A customer who does not. */
export function customerAccount(index: number): string {
  return demoCustomer(STAFF_EVERY * (index + 5)).account;
}

/** Transfers Rp10,000 to an account at another bank, BNI unless told otherwise. */
export async function payOut(
  rig: FlowRig,
  by: { readonly snap: SnapClient; readonly from: string; readonly toBank?: string },
): Promise<Paid> {
  const reference = `flow-${++count}`;
  const before = await selectAvailable(rig.db(), by.from);
  const atHub = instructionsAtHub(rig);
  const answer = await askToPay({ ...by, reference });
  const [row] = await selectByReference(rig.db(), reference);
  return {
    reference,
    answer,
    state: row?.state,
    spentSen: before - (await selectAvailable(rig.db(), by.from)),
    atHub: instructionsAtHub(rig) - atHub,
  };
}

/** Asks the bank for the same transfer, under a reference of the caller's. */
export function askToPay(by: {
  readonly snap: SnapClient;
  readonly from: string;
  readonly toBank?: string;
  readonly reference: string;
}): Promise<SnapAnswer> {
  const to = payeeOf(by.reference);
  return by.snap.transferInterbank({
    reference: by.reference,
    from: by.from,
    toBank: by.toBank ?? TO_BANK,
    to,
    toName: otherAccount(to).name,
    amountSen: AMOUNT_SEN,
  });
}

/** Each reference pays somebody else: many who pay one new payee one after the other are held (D16). */
function payeeOf(reference: string): string {
  const number = Number(reference.replaceAll(/\D/g, '')) % 1_000;
  return `11${String(number).padStart(3, '0')}12345`;
}

/** Payment instructions that reached the hub since it started. */
export function instructionsAtHub(rig: FlowRig): number {
  return Object.values(rig.hub.counters().peers).reduce(
    (sum, { instructions }) => sum + instructions,
    0,
  );
}
