import { test } from 'node:test';
import { railChecks } from '../rail/conformance.ts';
import { withRig } from '../../test/gateway/rig.ts';

for (const check of railChecks) {
  test(`BI-FAST rail: ${check.name}`, () => withRig((rig) => check.run(rig)));
}
