/** What the demo partner's server holds, in the simulator's own folder. */
import { join } from 'node:path';
import { processFolder } from './key-file.ts';

/** What the partner's server holds; a copy of the demo partner's secrets in the simulator's own folder. */
export interface SimPartner {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly privateKeyPem: string;
}

/** The file of `SimPartner`. */
export function simPartnerFile(state: string): string {
  return join(processFolder(state, 'sim'), 'partner.json');
}
