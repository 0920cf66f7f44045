import type { CaseName } from './code.ts';

/** An answer that is not success: an expected outcome of a SNAP call, thrown inside the channel only and mapped in one place.
 * `detail` is a field name or a short reason of ours, never an internal and never the sender's own text. */
export class SnapRefusal extends Error {
  override name = 'SnapRefusal';
  readonly caseName: CaseName;
  readonly detail: string | undefined;
  constructor(caseName: CaseName, detail?: string) {
    super(caseName);
    this.caseName = caseName;
    this.detail = detail;
  }
}
