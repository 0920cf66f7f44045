/** The way out to partners: what it refuses before a byte leaves, and what it makes of what comes back. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { after, before } from 'node:test';
import { isInside, openNoticePost } from './notice-post.ts';

let server: Server;
let hits = 0;
const way = openNoticePost({ mayLoopback: true });
const strict = openNoticePost({ mayLoopback: false });
const call = (url: string, timeoutMs = 2_000) => ({
  url,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{}'),
  timeoutMs,
});

before(async () => {
  server = createServer((request, response) => {
    hits++;
    if (request.url === '/silent') return;
    if (request.url === '/cut') return void request.socket.destroy();
    if (request.url === '/redirect') response.writeHead(307, { location: '/ok' });
    response.end(request.url === '/large' ? Buffer.alloc(1_000_000) : '{"responseCode":"2001700"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
after(() => {
  way.close();
  strict.close();
  server.closeAllConnections();
  server.close();
});

const at = (path: string): string =>
  `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

test('post() gives the answer, and follows no redirect', async () => {
  const reply = await way.post(call(at('/ok')));
  assert.ok(reply.kind === 'answer' && reply.status === 200);
  const moved = await way.post(call(at('/redirect')));
  assert.ok(moved.kind === 'answer' && moved.status === 307);
});

test('post() that was cut, kept waiting or flooded says that nobody answered; one that reached nobody that it was not sent', async () => {
  assert.deepEqual(await way.post(call(at('/cut'))), { kind: 'no_answer' });
  assert.deepEqual(await way.post(call(at('/silent'), 150)), { kind: 'no_answer' });
  assert.deepEqual(await way.post(call(at('/large'))), { kind: 'no_answer' });
  assert.deepEqual(await way.post(call('http://127.0.0.1:1/x')), { kind: 'not_sent' });
});

test('post() refuses every address inside, by number and by name, and plain HTTP to anybody else', async () => {
  const before = hits;
  const port = new URL(at('/')).port;
  for (const url of [
    at('/ok'),
    `https://127.0.0.1:${port}/ok`,
    `https://localhost:${port}/ok`,
    `https://[::1]:${port}/ok`,
    `https://[::ffff:127.0.0.1]:${port}/ok`,
    `https://2130706433:${port}/ok`,
    'https://169.254.169.254/latest/meta-data',
    'https://10.1.2.3/',
    'https://[fd00::1]/',
    'http://mitra.example/',
    'https://user:secret@mitra.example/',
    'file:///etc/passwd',
    'gopher://mitra.example/',
    'not an address',
  ])
    assert.deepEqual(await strict.post(call(url)), { kind: 'refused_address' }, url);
  assert.deepEqual(await way.post(call(`http://localhost.mitra.example:${port}/ok`)), {
    kind: 'refused_address',
  });
  assert.equal(hits, before, 'nobody inside was reached');
});

test('isInside() knows loopback, private, link-local and mapped addresses, and what is no address at all', () => {
  for (const inside of [
    '127.0.0.1',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.1.1',
    '0.0.0.0',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '::ffff:0:10.0.0.1',
    '64:ff9b::a00:1',
    '64:ff9b:1::a00:1',
    '2002:a00:1::1',
    '2001::a00:1',
    'fec0::1',
    '100.64.0.1',
    '224.0.0.1',
    'x',
  ])
    assert.equal(isInside(inside), true, inside);
  for (const outside of ['8.8.8.8', '172.32.0.1', '2001:4860:4860::8888', '::ffff:8.8.8.8'])
    assert.equal(isInside(outside), false, outside);
});
