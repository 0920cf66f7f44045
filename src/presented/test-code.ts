/** A presented code for tests of decisions. */
import { rupiah } from '../kernel/money.ts';
import type { PresentedCode } from './port.ts';

/** Made at instant 0, good for 90 s and Rp500.000. */
export const CODE: PresentedCode = {
  id: 'qpc_00000000000000000000000000',
  pan: '9360019901234567893',
  customerId: 'C1',
  account: '1001',
  limitSen: rupiah(500_000),
  madeAtMs: 0,
  validUntilMs: 90_000,
};
