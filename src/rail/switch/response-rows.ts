/** Response codes as data. `seen` = read in public material of that network, `memory` = ISO 8583:1987 as known, `own` = agreed for
 * the demo (docs/rail/qris.md): a bank compares with its
 * network's own table and adds rows with `network`. Source: domain.md 4.5. */
import type { ResponseClass } from './response-code.ts';
import type { ResponseText } from './response-text.ts';

/** One meaning of some codes. What is left out means any. */
export interface ResponseRow {
  readonly codes: readonly string[];
  readonly network?: string;
  /** Of the answer. */
  readonly mtis?: readonly string[];
  /** First two digits of DE3. */
  readonly flows?: readonly string[];
  readonly class: ResponseClass;
  readonly text: ResponseText;
  readonly isAlarm?: true;
  readonly mustAsk?: true;
  readonly mark: 'seen' | 'memory' | 'own';
}

/** Answers to reversals: only a success ends a reversal, everything else is sent again. */
const REVERSAL_ANSWERS = ['0410', '0430'] as const;

const ANYWHERE: readonly ResponseRow[] = [
  { codes: ['00'], class: 'success', text: 'done', mark: 'memory' },
  { codes: ['01'], class: 'system', text: 'not_possible_now', mark: 'memory' },
  { codes: ['02', '89'], class: 'system', text: 'provider_trouble', mark: 'memory' },
  { codes: ['03', '12'], class: 'fail', text: 'not_possible', mark: 'memory' },
  { codes: ['05'], class: 'fail', text: 'refused_ask_bank', mark: 'memory' },
  { codes: ['13'], class: 'fail', text: 'amount_invalid', mark: 'memory' },
  { codes: ['14'], class: 'fail', text: 'card_invalid', mark: 'memory' },
  { codes: ['15'], class: 'fail', text: 'issuer_unknown', mark: 'memory' },
  { codes: ['24', '30'], class: 'system', text: 'system_trouble', mark: 'memory' },
  { codes: ['25'], class: 'fail', text: 'data_not_found', mark: 'memory' },
  { codes: ['31', '92'], class: 'fail', text: 'bank_not_available', mark: 'memory' },
  { codes: ['33', '54'], class: 'fail', text: 'card_expired', mark: 'memory' },
  { codes: ['36', '62'], class: 'fail', text: 'card_blocked', mark: 'memory' },
  { codes: ['41', '43'], class: 'fail', text: 'card_blocked', isAlarm: true, mark: 'memory' },
  { codes: ['51'], class: 'fail', text: 'funds_short', mark: 'memory' },
  { codes: ['52', '53'], class: 'fail', text: 'account_not_found', mark: 'memory' },
  { codes: ['55'], class: 'fail', text: 'pin_wrong', mark: 'memory' },
  { codes: ['57', '58'], class: 'fail', text: 'not_permitted', mark: 'memory' },
  { codes: ['59'], class: 'fail', text: 'held_for_safety', isAlarm: true, mark: 'memory' },
  { codes: ['61'], class: 'fail', text: 'limit_amount', mark: 'memory' },
  { codes: ['63'], class: 'security', text: 'system_trouble', mark: 'memory' },
  { codes: ['65'], class: 'fail', text: 'limit_count', mark: 'memory' },
  { codes: ['68'], class: 'pending', text: 'in_process', mark: 'memory' },
  { codes: ['75'], class: 'fail', text: 'pin_blocked', mark: 'memory' },
  { codes: ['76'], class: 'fail', text: 'payee_invalid', mark: 'memory' },
  { codes: ['77', '78'], class: 'fail', text: 'account_inactive', mark: 'memory' },
  { codes: ['81', '90'], class: 'system', text: 'end_of_day', mark: 'memory' },
  // What the issuer itself says in an answer is a refusal; what we say because nobody answered is not.
  { codes: ['91'], class: 'fail', text: 'bank_trouble', mark: 'memory' },
  { codes: ['91'], mtis: ['local'], class: 'pending', text: 'in_process', mark: 'memory' },
  { codes: ['94'], class: 'pending', text: 'sent_before', mustAsk: true, mark: 'memory' },
  { codes: ['96'], class: 'pending', text: 'system_trouble', mustAsk: true, mark: 'memory' },
  { codes: ['97'], class: 'fail', text: 'card_not_verified', isAlarm: true, mark: 'memory' },
];

const REVERSALS: readonly ResponseRow[] = [
  // 25: they never had the original, and refuse it should it still come (domain.md 4.8 rule 5). 94: they had the reversal before.
  {
    codes: ['00', '25', '94'],
    mtis: REVERSAL_ANSWERS,
    class: 'success',
    text: 'done',
    mark: 'memory',
  },
  { codes: ['63'], mtis: REVERSAL_ANSWERS, class: 'security', text: 'in_process', mark: 'memory' },
  {
    codes: [
      '01',
      '02',
      '03',
      '05',
      '12',
      '13',
      '14',
      '15',
      '24',
      '30',
      '31',
      '33',
      '36',
      '41',
      '43',
      '51',
      '52',
      '53',
      '54',
      '55',
      '57',
      '58',
      '59',
      '61',
      '62',
      '65',
      '68',
      '75',
      '76',
      '77',
      '78',
      '81',
      '89',
      '90',
      '91',
      '92',
      '96',
      '97',
    ],
    mtis: REVERSAL_ANSWERS,
    class: 'pending',
    text: 'in_process',
    mark: 'memory',
  },
];

/** DE3 of payments, payments with shown codes, and refunds by QRIS. */
const QRIS_FLOWS = ['26', '27', '28', '20'] as const;

/** By QRIS somebody stands at a till: what a switch says because the other bank was slow is no refusal, it is asked about. */
const QRIS: readonly ResponseRow[] = [
  { codes: ['03'], flows: ['26'], class: 'fail', text: 'merchant_unknown', mark: 'own' },
  { codes: ['57'], flows: ['26'], class: 'fail', text: 'merchant_closed', mark: 'own' },
  { codes: ['54'], flows: ['26', '27'], class: 'fail', text: 'code_used', mark: 'own' },
  {
    codes: ['09', '91'],
    flows: QRIS_FLOWS,
    class: 'pending',
    text: 'in_process',
    mustAsk: true,
    mark: 'own',
  },
];

const ALTO: readonly ResponseRow[] = [
  { codes: ['03'], network: 'alto', class: 'pending', text: 'in_process', mark: 'seen' },
  {
    codes: ['12'],
    network: 'alto',
    mtis: REVERSAL_ANSWERS,
    class: 'pending',
    text: 'in_process',
    mark: 'seen',
  },
  {
    codes: ['21'],
    network: 'alto',
    mtis: ['0230'],
    class: 'pending',
    text: 'in_process',
    mustAsk: true,
    mark: 'seen',
  },
  { codes: ['30', '31'], network: 'alto', class: 'fail', text: 'data_not_found', mark: 'seen' },
  { codes: ['54'], network: 'alto', class: 'fail', text: 'bill_paid', mark: 'seen' },
  { codes: ['76'], network: 'alto', class: 'fail', text: 'funds_short', mark: 'seen' },
  { codes: ['88'], network: 'alto', class: 'fail', text: 'bill_not_available', mark: 'seen' },
  {
    codes: ['91'],
    network: 'alto',
    flows: ['50', '80'],
    class: 'fail',
    text: 'not_possible',
    mark: 'seen',
  },
  {
    codes: ['91'],
    network: 'alto',
    mtis: ['local'],
    class: 'pending',
    text: 'in_process',
    mark: 'seen',
  },
];

/** All rows. */
export const RESPONSE_ROWS: readonly ResponseRow[] = [...ANYWHERE, ...REVERSALS, ...QRIS, ...ALTO];
