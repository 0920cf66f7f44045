/** What a machine shows before it asks for a PIN when a service is stopped (I7): that it is we, why, that no money moved, and what works.
 * A containment is never called maintenance. ASCII: the screens of machines have no more. Pure. Wording: domain.md 8. */
import type { ReasonClass } from '../../gate/restriction.ts';

/** Whose card it is at our machine. */
export type MachineService = 'own_card' | 'other_card';

/** Indonesian and English, each at most 120 characters. */
export interface MachineText {
  readonly id: string;
  readonly en: string;
}

const SERVICE: Readonly<Record<MachineService, MachineText>> = {
  own_card: { id: 'Layanan mesin ini', en: 'This machine' },
  other_card: { id: 'Kartu bank lain di mesin ini', en: "Other banks' cards at this machine" },
};

const WHY: Readonly<Record<ReasonClass, MachineText>> = {
  containment: { id: 'kami batasi demi keamanan', en: 'restricted by us for security' },
  technical: { id: 'terganggu di sistem kami', en: 'out of order on our side' },
  partner: { id: 'terganggu di jaringan mitra', en: "out of order on a partner's network" },
  maintenance: { id: 'dalam pemeliharaan terjadwal', en: 'in planned maintenance' },
  exercise: { id: 'ditutup untuk latihan', en: 'closed for an exercise' },
};

const INSTEAD: Readonly<Record<MachineService, MachineText>> = {
  own_card: { id: 'Aplikasi kami tetap bisa dipakai.', en: 'Our app still works.' },
  other_card: { id: 'Kartu bank kami tetap bisa dipakai.', en: 'Cards of our bank still work.' },
};

/** The text of a stopped service. */
export function machineText(service: MachineService, why: ReasonClass): MachineText {
  return {
    id: `${SERVICE[service].id} ${WHY[why].id}. Saldo tidak berubah. ${INSTEAD[service].id}`,
    en: `${SERVICE[service].en}: ${WHY[why].en}. No money moved. ${INSTEAD[service].en}`,
  };
}
