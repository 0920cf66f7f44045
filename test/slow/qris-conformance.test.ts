/** What each case of the conformance suite does to the money over QRIS. The port's own checks are in `test/sim/qris-host.test.ts`. */
import { qrisUnderTest } from '../sim/qris-world.ts';
import { effectConformance } from '../sim/rail-conformance.ts';

effectConformance(qrisUnderTest);
