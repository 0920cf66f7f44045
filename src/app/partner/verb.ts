/** The verbs about partners: `pulih partner` for the bank's people, `pulih snap` for a partner's engineers. */
import { configOf, JSON_FLAG, PORT, STATE, text, type Verb } from '../verb.ts';
import { PARTNER_WORDS } from './flag.ts';

/** Both, for the list of verbs. */
export const PARTNER_VERBS: readonly Verb[] = [
  {
    name: 'partner',
    does: 'partners of the SNAP API: adds and lists them, turns over keys, bounds them, arranges services, shows their requests',
    words: `${PARTNER_WORDS.join('|')} [id]`,
    wordsMin: 1,
    wordsMax: 2,
    flags: [
      { name: 'partner', value: 'id', does: 'which partner, instead of the second word' },
      { name: 'as', value: 'username', does: 'who does it; the password is asked for' },
      { name: 'with', value: 'username', does: 'the second person, for what gives more' },
      { name: 'reason', value: 'text', does: 'why; it is kept with the change' },
      { name: 'name', value: 'text', does: 'add: the name' },
      {
        name: 'kind',
        value: 'kind',
        does: 'add, endpoint: symmetric (default) or asymmetric signatures',
      },
      { name: 'encoding', value: 'form', does: 'add: base64 (default) or hex signatures' },
      { name: 'public-key', value: 'file', does: 'add, rotate: RSA public key, PEM' },
      {
        name: 'secret-file',
        value: 'file',
        does: 'add, rotate: the client secret, made when there is no such file; endpoint: the partner’s, which must be there',
      },
      { name: 'accounts', value: 'list', does: 'add: accounts it may debit, with commas' },
      { name: 'channels', value: 'list', does: 'add: its CHANNEL-ID values' },
      { name: 'overlap', value: 'hours', does: 'rotate: how long old keys go on (168)' },
      { name: 'key', value: 'id', does: 'revoke: which key' },
      { name: 'networks', value: 'list', does: 'add, allow: CIDR it comes from; none = anywhere' },
      {
        name: 'certificates',
        value: 'list',
        does: 'add, allow: SHA-256 of its TLS certificates, or none',
      },
      { name: 'account', value: 'number', does: 'bind, unbind: which; va-*, debit: for the money' },
      { name: 'until', value: 'instant', does: 'bind: when it runs out; never unless told' },
      { name: 'url', value: 'url', does: 'redirect: the address; endpoint: what notices go under' },
      { name: 'client-id', value: 'id', does: 'endpoint: who we are at the partner' },
      { name: 'channel-id', value: 'id', does: 'endpoint: our CHANNEL-ID at the partner' },
      { name: 'service-id', value: 'digits', does: 'va-service: partnerServiceId, without spaces' },
      { name: 'merchant', value: 'id', does: 'merchant: which one the partner makes codes for' },
      {
        name: 'end',
        does: 'redirect, endpoint, va-service, va-channel, debit, merchant: ends it',
      },
      { name: 'group', value: 'group', does: 'limit: token, inquiry or payment' },
      { name: 'per-second', value: 'number', does: 'limit: requests; without a group of all' },
      { name: 'per-minute', value: 'number', does: 'limit: requests of the group, or none' },
      { name: 'concurrent', value: 'number', does: 'limit: requests at a time, or none' },
      { name: 'ceiling', value: 'rupiah', does: 'add, limit: the largest payment' },
      { name: 'daily-amount', value: 'rupiah', does: 'add, limit: sum of a WIB day, or none' },
      { name: 'daily-count', value: 'number', does: 'add, limit: payments of a WIB day, or none' },
      { name: 'from', value: 'instant', does: 'log: from when; rotate: since when the key holds' },
      { name: 'to', value: 'instant', does: 'log: until when; now unless told' },
      STATE,
      PORT,
      JSON_FLAG,
    ],
    run: async (typed) => (await import('./partner.ts')).partner(configOf(typed), typed),
  },
  {
    name: 'snap',
    does: 'tries a bank’s SNAP API as a partner: snap check says what it keeps of the standard',
    words: 'check',
    wordsMin: 1,
    wordsMax: 1,
    flags: [
      { name: 'url', value: 'url', does: 'the bank, without /v1.0' },
      { name: 'client-id', value: 'id', does: 'X-CLIENT-KEY, which is X-PARTNER-ID too' },
      { name: 'private-key', value: 'file', does: 'RSA private key, PEM' },
      { name: 'secret-file', value: 'file', does: 'client secret; none = asymmetric signatures' },
      { name: 'encoding', value: 'form', does: 'base64 (default) or hex signatures' },
      { name: 'channel-id', value: 'id', does: 'CHANNEL-ID; 95221 unless told' },
      { name: 'account', value: 'number', does: 'an account of yours, for the balance' },
      { name: 'beneficiary', value: 'number', does: 'an account at the bank, to ask about' },
      { name: 'other-bank', value: 'code', does: 'a bank and …' },
      { name: 'other-account', value: 'number', does: '… an account there, to ask about' },
      {
        name: 'merchant',
        value: 'id',
        does: 'a merchant of yours, to make and cancel a QRIS code',
      },
      {
        name: 'customer-token-file',
        value: 'file',
        does: 'a token of service 74 with the scopes debit and qris, and …',
      },
      {
        name: 'device-id',
        value: 'text',
        does: '… X-DEVICE-ID, to take a debit and pay a merchant',
      },
      {
        name: 'with-transfer',
        does: 'also moves Rp1 from --account to --beneficiary, and with a customer’s token Rp1 and Rp10.000 there and back',
      },
      JSON_FLAG,
    ],
    run: async (typed) => {
      if (typed.words[0] !== 'check') {
        process.stderr.write('Usage: pulih snap check --url ... (pulih snap --help)\n');
        return 2;
      }
      return (await import('../snap-check.ts')).snapCheck({
        url: text(typed, 'url'),
        clientId: text(typed, 'client-id'),
        privateKeyFile: text(typed, 'private-key'),
        secretFile: text(typed, 'secret-file'),
        encoding: text(typed, 'encoding') ?? 'base64',
        channelId: text(typed, 'channel-id') ?? '95221',
        account: text(typed, 'account'),
        beneficiary: text(typed, 'beneficiary'),
        otherBank: text(typed, 'other-bank'),
        otherAccount: text(typed, 'other-account'),
        merchant: text(typed, 'merchant'),
        customerTokenFile: text(typed, 'customer-token-file'),
        deviceId: text(typed, 'device-id'),
        withTransfer: typed.flags['with-transfer'] === true,
        asJson: typed.flags['json'] === true,
      });
    },
  },
];
