/** The processes by name, each loaded only by itself: a gateway must not even read the code of the ledger. */
import { runProcess } from './process-frame.ts';

/** Runs the process until it is told to stop; the exit code, 2 for an unknown name. */
export async function serve(name: string): Promise<number> {
  if (/^core-\d$/.test(name)) return runProcess(name, (await import('./core.ts')).runCore);
  if (/^gateway-\d$/.test(name)) return runProcess(name, (await import('./gateway.ts')).runGateway);
  if (name === 'signer') return runProcess(name, (await import('./signer.ts')).runSigner);
  if (name === 'guard') return runProcess(name, (await import('./guard.ts')).runGuard);
  if (name === 'status') return runProcess(name, (await import('./status.ts')).runStatus);
  if (name === 'hsm') return runProcess(name, (await import('./hsm.ts')).runHsm);
  if (name === 'sim') return runProcess(name, (await import('./sim.ts')).runSim);
  process.stderr.write(
    `Unknown process: ${name}. Known: core-1, core-2, signer, gateway-1, guard, status, hsm, sim\n`,
  );
  return 2;
}
