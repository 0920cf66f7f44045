import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import test from 'node:test';
import { openSockets, readAnswer } from './socket.ts';

const WHOLE = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nContent-Length: 4\r\n\r\nRp≈';

test('readAnswer() waits for the last byte, and refuses what it cannot understand', () => {
  const bytes = Buffer.from('HTTP/1.1 409 Conflict\r\nContent-Length: 5\r\n\r\nRp≈');
  for (let length = 0; length < bytes.length; length++)
    assert.equal(readAnswer(bytes.subarray(0, length)), undefined);
  assert.deepEqual(readAnswer(bytes), { status: 409, body: 'Rp≈' });
  assert.equal(readAnswer(Buffer.concat([bytes, Buffer.from('x')])), 'broken');
  assert.equal(readAnswer(Buffer.from('HTTP/1.1 200 OK\r\n\r\n')), 'broken');
  assert.equal(readAnswer(Buffer.from(WHOLE)), 'broken');
});

test('openSockets() keeps a socket for the next call and throws when the server hangs up', async () => {
  let sockets = 0;
  let answers = 0;
  const server = createServer((socket) => {
    sockets++;
    socket.on('error', () => {});
    socket.on('data', () => {
      if (++answers <= 2) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert(typeof address === 'object' && address);
  const pool = openSockets({ host: '127.0.0.1', port: address.port, timeoutMs: 5_000 });
  const call = () => pool.http({ method: 'POST', path: '/', headers: {}, body: '{}' });
  try {
    assert.deepEqual(await call(), { status: 200, body: 'ok' });
    assert.deepEqual(await call(), { status: 200, body: 'ok' });
    assert.equal(sockets, 1);
    await assert.rejects(call(), /closed/);
  } finally {
    pool.close();
    server.close();
  }
});
