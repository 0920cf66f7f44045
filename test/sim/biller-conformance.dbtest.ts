import { billerUnderTest } from './biller-world.ts';
import { railConformance } from './rail-conformance.ts';

railConformance(billerUnderTest);
