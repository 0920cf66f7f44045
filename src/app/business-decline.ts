import { reasonOf } from '../rail/bifast/reason.ts';
import { responseMeaning } from '../rail/switch/response-code.ts';
import { PROCESSING } from '../rail/switch/transfer.ts';
import { SWITCH_LINK } from './switch-profile.ts';

/** Codes of the switch that speak of a bank or the network, not of a customer. */
const OF_THE_NETWORK: ReadonlySet<string> = new Set([
  'bank_trouble',
  'bank_not_available',
  'provider_trouble',
]);

/** True for a rail's code that says something about a customer's account or amount and nothing about the service. */
export function isBusinessDecline(code: string): boolean {
  const responseCode = /^RC(\w\w)$/.exec(code)?.[1];
  if (responseCode === undefined) return reasonOf(code)?.fault === 'customer';
  const meaning = responseMeaning({
    network: SWITCH_LINK,
    mti: '0210',
    processing: PROCESSING.transfer,
    code: responseCode,
  });
  return meaning.class === 'fail' && !OF_THE_NETWORK.has(meaning.text);
}
