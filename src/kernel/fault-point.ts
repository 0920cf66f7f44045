/** Named places where a test may kill or fail the work. Each stands before or after a commit or a call to the outside.
 * `PULIH_FAULT=payment.afterHold:3` kills the process with SIGKILL at the third pass. In tests `onFaultPoint` sees each pass. */

let hook: ((name: string) => void) | undefined;
const armed = parseArmed(process.env['PULIH_FAULT']);

/** Lets a test act at fault points of this process; returns the undo. */
export function onFaultPoint(action: (name: string) => void): () => void {
  hook = action;
  return () => (hook = undefined);
}

/** Marks a place where a crash must lose nothing. Does nothing in normal running. */
export function faultPoint(name: string): void {
  if (armed && armed.name === name && --armed.passes <= 0) process.kill(process.pid, 'SIGKILL');
  hook?.(name);
}

function parseArmed(text: string | undefined): { name: string; passes: number } | undefined {
  if (!text) return undefined;
  const [name, passes] = text.split(':');
  return { name: name!, passes: Number(passes ?? 1) };
}
