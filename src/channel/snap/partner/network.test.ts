import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../../kernel/canonical.ts';
import { readNetworks } from './network.ts';
import { originOf, refuseOrigin } from './origin.ts';

test('readNetworks() takes CIDR of both families, single addresses, and IPv4 in IPv6 form', () => {
  const networks = readNetworks(['198.51.100.0/24', '2001:db8:7::/48', '203.0.113.7']);
  for (const [address, isIn] of [
    ['198.51.100.255', true],
    ['198.51.101.0', false],
    ['::ffff:198.51.100.4', true],
    ['2001:DB8:7:1::9', true],
    ['2001:db8:8::1', false],
    ['203.0.113.7', true],
    ['203.0.113.8', false],
    ['', false],
    ['198.51.100.4, 10.0.0.1', false],
    ['0xC6336404', false],
    ['198.51.100.04', false],
  ] as const)
    assert.equal(networks.has(address), isIn, address);
});

test('readNetworks() refuses what is no network, and the whole internet', () => {
  for (const text of [
    '0.0.0.0/0',
    '::/0',
    '10.0.0.0/33',
    '2001:db8::/129',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '10.0.0.0/ 8',
    '10.0.0/8',
    'localhost',
    '*',
    '',
  ])
    assert.throws(() => readNetworks([text]), RangeError, text);
});

const proxies = { networks: readNetworks(['10.0.0.0/29']), key: 'proxy-key' };
const der = Buffer.alloc(300, 7);
const told = {
  'x-proxy-key': 'proxy-key',
  'x-forwarded-for': '6.6.6.6, 198.51.100.4',
  'client-cert': `:${der.toString('base64')}:`,
};

test('originOf() believes headers from a proxy of ours that shows its key, and from nobody else', () => {
  const certificate = sha256(der).toString('hex');
  const from = (peer: string, headers: Record<string, string>, known = proxies) =>
    originOf(known, { peer, headers });
  assert.deepEqual(from('10.0.0.1', told), { address: '198.51.100.4', certificate });
  assert.deepEqual(
    from('10.0.0.9', told),
    { address: '10.0.0.9', certificate: undefined },
    'a neighbour of the proxies',
  );
  assert.deepEqual(
    from('10.0.0.1', { ...told, 'x-proxy-key': 'proxy-kez' }),
    { address: '10.0.0.1', certificate: undefined },
    'the address of a proxy without its key',
  );
  assert.deepEqual(originOf(undefined, { peer: '::ffff:10.0.0.1', headers: told }), {
    address: '10.0.0.1',
    certificate: undefined,
  });
});

test('originOf() takes the last hop that is no proxy of ours: what stands before it, anybody may write', () => {
  const of = (hops: string) =>
    originOf(proxies, { peer: '10.0.0.1', headers: { ...told, 'x-forwarded-for': hops } }).address;
  assert.equal(of('198.51.100.4, 203.0.113.9, 10.0.0.2'), '203.0.113.9');
  assert.equal(of('198.51.100.4, unknown'), '', 'a hop that cannot be read is nobody');
  assert.equal(of('10.0.0.2'), '10.0.0.1');
});

test('refuseOrigin() asks for the address and the certificate where both are set', () => {
  const rules = { networks: readNetworks(['198.51.100.0/24']), certificates: ['ab'] };
  const ours = { address: '198.51.100.4', certificate: 'ab' };
  assert.equal(refuseOrigin(rules, ours), undefined);
  assert.equal(refuseOrigin(rules, { ...ours, address: '203.0.113.1' }), 'address');
  assert.equal(refuseOrigin(rules, { ...ours, certificate: 'cd' }), 'certificate');
  assert.equal(refuseOrigin(rules, { ...ours, certificate: undefined }), 'certificate');
  assert.equal(refuseOrigin({ networks: undefined, certificates: [] }, ours), undefined);
});
