/** What is left to prove a day by after hands inside tried to hide it. */
import { verify } from 'node:crypto';
import { verifyAudit } from '../../audit/verify.ts';
import { copiedEntries } from './store-act.ts';
import { GATEWAY } from './core.ts';
import type { DrillWorld } from './world.ts';

/** The journal goes on while it is looked at: entries of a second or two that the guard has not read yet. */
const HEAD_LAG_MAX = 50;

export interface Proof {
  /** Every event is what was committed to, and every checkpoint is signed. */
  readonly isAuditWhole: boolean;
  /** Signed checkpoints of the audit tree. */
  readonly checkpoints: number;
  /** The guard has kept each entry of the gateway's journal, without a gap. */
  readonly isJournalWhole: boolean;
  readonly entries: number;
}

/** Recomputes the audit tree, and compares the journal with its copy. */
export async function readProof({
  db,
  gateway,
  auditKey,
}: Pick<DrillWorld, 'db' | 'gateway' | 'auditKey'>): Promise<Proof> {
  const audit = await verifyAudit(db, {
    verifySignature: (bytes, signature) => verify(null, bytes, auditKey, signature),
  });
  const { count, last } = await copiedEntries(db, GATEWAY);
  const { head } = gateway.state();
  return {
    isAuditWhole: audit.ok && audit.checkpoints > 0,
    checkpoints: audit.checkpoints,
    isJournalWhole: count > 0 && count === last && head - last <= HEAD_LAG_MAX,
    entries: count,
  };
}
