/** What the network's word about its participants changes in ours. The list as a whole outweighs every event that is older, a newer
 * event outweighs the list; nothing opens or closes by the passing of time. Pure. */
import type { ParticipantsNotice } from '../../rail/notice.ts';

/** A bank as we have it. */
export interface KnownParticipant {
  readonly bic: string;
  readonly isOpen: boolean;
  /** The network's clock when it became so. */
  readonly changedAtMs: number;
}

export interface StandingChanges {
  readonly changed: readonly KnownParticipant[];
  /** Banks of the network that we do not have: nobody can be paid there through us. */
  readonly unknown: readonly string[];
  /** Banks of ours that a whole list does not have. */
  readonly missing: readonly string[];
}

/** What to write. `listMadeAtMs` = when the newest whole list that we took was made; 0 = none yet. */
export function decideStandings(input: {
  readonly known: readonly KnownParticipant[];
  readonly notice: Pick<ParticipantsNotice, 'isWhole' | 'madeAtMs' | 'banks'>;
  readonly listMadeAtMs: number;
}): StandingChanges {
  const { known, notice, listMadeAtMs } = input;
  const byBic = new Map(known.map((bank) => [bank.bic, bank]));
  const changed: KnownParticipant[] = [];
  for (const { bic, isOpen, changedAtMs } of notice.banks) {
    const ours = byBic.get(bic);
    if (!ours || ours.isOpen === isOpen) continue;
    const saidAtMs = notice.isWhole ? notice.madeAtMs : changedAtMs;
    const isOld = saidAtMs < ours.changedAtMs || (!notice.isWhole && saidAtMs <= listMadeAtMs);
    if (!isOld) changed.push({ bic, isOpen, changedAtMs: saidAtMs });
  }
  const said = new Set(notice.banks.map(({ bic }) => bic));
  return {
    changed,
    unknown: [...said].filter((bic) => !byBic.has(bic)),
    missing: notice.isWhole ? known.map(({ bic }) => bic).filter((bic) => !said.has(bic)) : [],
  };
}
