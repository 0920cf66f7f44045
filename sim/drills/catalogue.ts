/** Every scenario by its name, read from the files beside this one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scenario } from './scenario.ts';
import { readScenario } from './scenario-file.ts';

const FOLDER = join(import.meta.dirname, 'files');

function read(file: string): Scenario {
  const made = readScenario(readFileSync(join(FOLDER, file), 'utf8'));
  if (!made.ok) throw new Error(`Cannot read drill ${file}: ${made.fault}`);
  return made.scenario;
}

/** What `pulih drill <name>` knows. */
export const SCENARIOS: Readonly<Record<string, Scenario>> = Object.fromEntries(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map(read)
    .map((scenario) => [scenario.name, scenario]),
);
