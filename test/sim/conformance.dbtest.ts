import { bifastUnderTest } from './bifast-world.ts';
import { switchUnderTest } from './switch-world.ts';
import { railConformance } from './rail-conformance.ts';

railConformance(bifastUnderTest);
railConformance(switchUnderTest);
