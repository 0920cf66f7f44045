import { UsageError } from '../verb.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readChange } from './change.ts';

const read = (verb: string, flags: Readonly<Record<string, string | boolean>>) =>
  readChange({
    verb,
    id: 'mitra-a',
    typed: { flags, words: [] },
    nowMs: 0,
    read: (path) => `text of ${path}\n`,
    secret: () => assert.fail('no secret is made for an endpoint'),
  });

const ENDPOINT = { url: 'https://mitra.example/snap', 'client-id': 'PULHIDJA', 'channel-id': '1' };

test('readChange() reads each verb of an arrangement, and its end by what names it', () => {
  const account = '1990000001';
  const until = '2027-08-01T00:00:00+07:00';
  const named = { what: 'endpoint', baseUrl: ENDPOINT.url, clientId: 'PULHIDJA', channelId: '1' };
  for (const [verb, flags, arrangement] of [
    ['bind', { account }, { what: 'account', account }],
    ['bind', { account, until }, { what: 'account', account, validUntilMs: Date.parse(until) }],
    ['redirect', { url: 'https://a.example/' }, { what: 'redirect', url: 'https://a.example/' }],
    ['endpoint', { ...ENDPOINT, kind: 'asymmetric' }, named],
    ['endpoint', { ...ENDPOINT, 'secret-file': 's' }, { ...named, secret: 'text of s' }],
    [
      'va-service',
      { 'service-id': '88001', account },
      { what: 'vaService', serviceId: '88001', account },
    ],
    ['va-channel', { account }, { what: 'vaChannel', account }],
    ['debit', { account }, { what: 'debit', account }],
    ['merchant', { merchant: 'mer_1' }, { what: 'merchant', merchantId: 'mer_1' }],
  ] as const)
    assert.deepEqual(read(verb, flags), { kind: 'arrange', arrangement }, verb);
  for (const [verb, flags, ended] of [
    ['unbind', { account }, { what: 'account', account }],
    [
      'redirect',
      { url: 'https://a.example/', end: true },
      { what: 'redirect', url: 'https://a.example/' },
    ],
    ['endpoint', { end: true }, { what: 'endpoint' }],
    ['va-service', { 'service-id': '88001', end: true }, { what: 'vaService', serviceId: '88001' }],
    ['va-channel', { end: true }, { what: 'vaChannel' }],
    ['debit', { end: true }, { what: 'debit' }],
    ['merchant', { merchant: 'mer_1', end: true }, { what: 'merchant', merchantId: 'mer_1' }],
  ] as const)
    assert.deepEqual(read(verb, flags), { kind: 'end', ended }, verb);
});

test('readChange() guesses no part of an arrangement, and an end that says too much is wrong usage', () => {
  const account = '1990000001';
  for (const [verb, flags] of [
    ['bind', {}],
    ['bind', { account, until: 'next year' }],
    ['bind', { account, end: true }],
    ['unbind', {}],
    ['unbind', { account, until: '2027-01-01T00:00:00Z' }],
    ['redirect', {}],
    ['redirect', { end: true }],
    ['endpoint', ENDPOINT],
    ['endpoint', { ...ENDPOINT, kind: 'asymmetric', 'secret-file': 's' }],
    ['endpoint', { ...ENDPOINT, kind: 'rsa' }],
    ['endpoint', { url: ENDPOINT.url, end: true }],
    ['va-service', { account }],
    ['va-service', { 'service-id': '88001' }],
    ['va-service', { 'service-id': '88001', account, end: true }],
    ['va-channel', {}],
    ['va-channel', { account, end: true }],
    ['debit', {}],
    ['debit', { account, end: true }],
    ['merchant', {}],
  ] as const)
    assert.throws(() => read(verb, flags), UsageError, `${verb} ${JSON.stringify(flags)}`);
});
