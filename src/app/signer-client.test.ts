import assert from 'node:assert/strict';
import test from 'node:test';
import { jsonResponse, WireFault, type WireClient } from '../kernel/wire.ts';
import { remoteSigner } from './signer-client.ts';

function signer(answer: (jtis: readonly string[]) => Promise<unknown>): {
  client: WireClient;
  calls: (readonly string[])[];
} {
  const calls: (readonly string[])[] = [];
  const client: WireClient = {
    close: async () => {},
    call: async ({ body }) => {
      const { jtis } = JSON.parse(String(body)) as { jtis: string[] };
      calls.push(jtis);
      return jsonResponse(200, await answer(jtis));
    },
  };
  return { client, calls };
}

test('remoteSigner() shares a call, and gives each caller its own tokens only', async () => {
  const { client, calls } = signer(async (jtis) => ({
    tokens: Object.fromEntries(
      jtis.filter((jti) => jti !== 'jti_c').map((jti) => [jti, `token of ${jti}`]),
    ),
    refused: jtis.includes('jti_c') ? { jti_c: 'not_found' } : {},
  }));
  const sign = remoteSigner(client);
  const [first, second, third] = await Promise.all([
    sign(['jti_a']),
    sign(['jti_b', 'jti_c']),
    sign([]),
  ]);
  assert.deepEqual(calls, [['jti_a', 'jti_b', 'jti_c']]);
  assert.deepEqual(first, { tokens: { jti_a: 'token of jti_a' }, refused: {} });
  assert.deepEqual(second, {
    tokens: { jti_b: 'token of jti_b' },
    refused: { jti_c: 'not_found' },
  });
  assert.deepEqual(third, { tokens: {}, refused: {} });
});

test('remoteSigner() never asks for more than the signer takes', async () => {
  const { client, calls } = signer(async (jtis) => ({
    tokens: Object.fromEntries(jtis.map((jti) => [jti, 't'])),
    refused: {},
  }));
  const sign = remoteSigner(client);
  await Promise.all(Array.from({ length: 600 }, (_, index) => sign([`jti_${index}`])));
  assert.ok(calls.every((call) => call.length <= 256));
  assert.equal(calls.flat().length, 600);
});

test('remoteSigner() throws to the callers of a call that failed, and to no others', async () => {
  let isDown = true;
  const { client } = signer(async (jtis) => {
    if (isDown) throw new WireFault('not_sent', 'refused');
    return { tokens: Object.fromEntries(jtis.map((jti) => [jti, 't'])), refused: {} };
  });
  const sign = remoteSigner(client);
  await assert.rejects(sign(['jti_a']), WireFault);
  isDown = false;
  assert.deepEqual(await sign(['jti_a']), { tokens: { jti_a: 't' }, refused: {} });
});
