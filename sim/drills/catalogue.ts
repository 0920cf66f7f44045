/** Every scenario by its name. */
import { dki2025, dki2025Bypass } from './dki-2025.ts';
import type { Scenario } from './scenario.ts';

/** What `pulih drill <name>` knows. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  [dki2025.name]: dki2025,
  [dki2025Bypass.name]: dki2025Bypass,
};
