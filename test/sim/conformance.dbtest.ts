import { bifastUnderTest } from './bifast-world.ts';
import { railConformance } from './rail-conformance.ts';

railConformance(bifastUnderTest);
