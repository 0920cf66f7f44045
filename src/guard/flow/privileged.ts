/** Changes that only staff can make, as events, and which of them change a protection: the one list that the flow, D20 and the tests read. */

/** `protects`: who may send, how much, by which keys, or what watches them. `other`: staff's work that gives nobody more than the ledger and
 * the signatures of two people allow. */
export const PRIVILEGED_KINDS: Readonly<Record<string, 'protects' | 'other'>> = {
  'account.closed_until': 'protects',
  'account.opened': 'other',
  'blocked_party.lift_asked': 'other',
  'blocked_party.lifted': 'protects',
  'blocked_party.placed': 'other',
  'break.ended': 'other',
  'break.noted': 'other',
  'break.proposal_withdrawn': 'other',
  'break.proposed': 'other',
  'break.taken': 'other',
  'canary.changed': 'protects',
  'card.opened': 'other',
  'card.unblocked': 'protects',
  'chart.loaded': 'protects',
  'debit_merchant.registered': 'protects',
  'debit_merchant.ended': 'other',
  'incident.closed': 'other',
  'incident.closing_asked': 'other',
  'merchant.assigned': 'protects',
  'merchant.close_asked': 'other',
  'merchant.closed': 'other',
  'merchant.open_approved': 'other',
  'merchant.open_asked': 'other',
  'merchant.opened': 'other',
  'merchant.refund_approved': 'other',
  'merchant.refund_asked': 'other',
  'merchant.released': 'other',
  'merchant.request_withdrawn': 'other',
  'partner.changed': 'protects',
  'partner_account.bound': 'protects',
  'partner_account.ended': 'other',
  'partner_endpoint.registered': 'protects',
  'partner_endpoint.ended': 'other',
  'partner_key.changed': 'protects',
  'partner_limit.changed': 'protects',
  'partner_notice.requeued': 'other',
  'partner_redirect.registered': 'protects',
  'partner_redirect.ended': 'other',
  'partner_terms.changed': 'protects',
  // Releases are signed by two people and go in stages; a stop only tightens.
  'release.approved': 'other',
  'release.proposed': 'other',
  'release.withdrawn': 'other',
  'setting.changed': 'protects',
  'staff.changed': 'protects',
  'stop.asked': 'other',
  'tariff.changed': 'protects',
  // An entry explains a gap of the settlement account: at night it is worth a look.
  'treasury.posted': 'protects',
  'treasury.proposed': 'other',
  'treasury.entry_withdrawn': 'other',
  'va_channel.registered': 'protects',
  'va_channel.ended': 'other',
  'va_service.registered': 'protects',
  'va_service.ended': 'other',
};

/** Whether a kind changes a protection (D20). */
export function isProtection(kind: string): boolean {
  return Object.hasOwn(PRIVILEGED_KINDS, kind) && PRIVILEGED_KINDS[kind] === 'protects';
}
