/** Every alarm there is, by its code. A signal can carry no other code (the types see to it), and each has a page in
 * `docs/runbook/` (`test/runbook.test.ts` sees to that). */
import type { RefusalReason } from '../rail/journal-entry.ts';

/** Refusals that an honest sender can meet in a slow hour: alone they alarm nobody. */
export const SOFT_REFUSALS = [
  'expired',
  'stale',
  'above_cap',
  'restricted',
  'not_open',
] as const satisfies readonly RefusalReason[];

/** Refusals that no honest sender of ours can cause. */
export type HardRefusal = Exclude<RefusalReason, (typeof SOFT_REFUSALS)[number]>;

/** The codes. A new one needs a line here and a page. */
export const ALARM_CODES = [
  // Money left, or was sent, that the ledger did not authorise (D1, D2).
  'never_issued',
  'foreign_connector',
  'no_payment',
  'no_intent',
  'amount_differs',
  'bank_differs',
  'settled_twice',
  'intent_without_authorisation',
  'intent_differs',
  // Settlement files as a whole (D30).
  'file_wrong_date',
  'file_duplicate',
  'file_changed',
  'file_late',
  'file_missing',
  // Differences that prove no loss (D8), and outcomes that contradict the ledger (D28).
  'no_settlement',
  'settled_after_refund',
  'credit_not_posted',
  'credit_rejected',
  'credit_unknown',
  'sale_unsettled',
  'outcome_contradicted',
  'review_waiting',
  'risk_rules_ignored',
  'overdue',
  // Cards and our own machines (D28).
  'cryptogram_wrong',
  'reversal_given_up',
  'machine_differs',
  // How money flows (D5, D6, D10 to D14, D16).
  'burn_rate',
  'count_velocity',
  'near_limit',
  'equal_amounts',
  'payee_concentration',
  'first_payees',
  'category_share',
  'account_sweep',
  'channel_orphan',
  // Who sends, changes and tells, and cash (D17 to D23, D29).
  'unposted_cash',
  'reversal_abuse',
  'source_refused',
  'partner_origin',
  'source_new',
  'privileged_change',
  'stream_silent',
  'cap_breach',
  'external_alarm',
  'pin_sweep',
  'credential_stuffing',
  // What the network's codes say beside the payment (D27).
  'liquidity_short',
  'security_answer',
  'duplicate_answer',
  // Our settlement account by the network's own word (D4, D7).
  'settlement_gap',
  'runway_short',
  'liquidity_low',
  'position_unknown',
  // What the gateway refused or noticed (D3).
  'refused_no_token',
  'refused_bad_signature',
  'refused_unknown_key',
  'refused_wrong_env',
  'refused_wrong_partition',
  'refused_instruction_changed',
  'refused_already_used',
  'refused_id_repeated',
  'refused_id_invalid',
  'refused_peer_not_admitted',
  'refused_quarantined',
  'refused_malformed',
  'many_refusals',
  'forged_message',
  'quarantined',
  'journal_new',
  'journal_older',
  // The protection itself (D9 and the guard).
  'no_match',
  'set_refused',
  'set_full',
  'latch_lifted_alone',
  'hub_control_unconfirmed',
  'report_failed',
  'database_changed',
  'rows_changed',
  'canary_touched',
  'clock_jumped',
  'restriction_tampered',
  'break_end_forged',
  'release_forged',
  // Where rows live.
  'partition_missing',
  'rows_in_default',
  // Duties with a clock.
  'standing_order_late',
  'bulk_late',
  'partner_notice_stuck',
  'deadline_passed',
  'thin_stage',
  'calendar_missing',
] as const;

export type AlarmCode = (typeof ALARM_CODES)[number];

/** The kind under which an alarm stands in the event stream. */
export function alarmKind(code: AlarmCode): `alarm.${AlarmCode}` {
  return `alarm.${code}`;
}

/** The page that says what to do. The inline refusals share one: they differ in a row of its table. */
export function runbookOf(code: AlarmCode): string {
  return `docs/runbook/${code.startsWith('refused_') ? 'refused' : code}.md`;
}
