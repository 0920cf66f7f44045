import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { seededRandom } from '../../src/kernel/random.ts';
import { isFromHere, listenControl } from '../control.ts';
import type { Hub } from '../hub/hub.ts';
import { HUB_DEFAULTS, HUB_WORDS, MAGIC_ACCOUNTS, type FaultRule } from '../hub/faults.ts';
import { openChooser } from './chooser.ts';
import { openDesk } from './desk.ts';
import { faultPage, readForm } from './page.ts';

function openHub() {
  const now = (): number => 1_000;
  const random = seededRandom('page');
  const rules: readonly FaultRule[] = MAGIC_ACCOUNTS;
  const chooser = openChooser<FaultRule>({ rules, random, now, defaults: HUB_DEFAULTS });
  return openDesk({ wire: 'hub', words: HUB_WORDS, chooser, always: MAGIC_ACCOUNTS, now });
}

const given = (desk: ReturnType<typeof openHub>) =>
  desk
    .shown()
    .filter(({ state }) => state !== 'always')
    .map(({ rule }) => rule);

test('faultPage() has a form for each behaviour and each field of a vocabulary, and shows no markup of a rule', () => {
  const desk = openHub();
  assert.equal(
    desk.on({ name: '<b>"x"</b>', match: {}, does: { kind: 'drop_answer' } }),
    undefined,
  );
  const html = faultPage({ desks: [desk], counters: { hub: { messages: 7 } }, wrong: '<i>' });
  for (const [kind, verb] of Object.entries(HUB_WORDS.does)) {
    assert.match(html, new RegExp(`name="kind" value="${kind}"`));
    for (const name of Object.keys(verb.fields)) assert.match(html, new RegExp(`does\\.${name}"`));
  }
  for (const name of Object.keys(HUB_WORDS.match))
    assert.match(html, new RegExp(`match\\.${name}"`));
  assert.match(html, /<dt>messages<\/dt><dd>7<\/dd>/);
  assert.doesNotMatch(html, /<b>|<i>|<script/);
});

test('readForm() reads numbers, words, flags and lists as the vocabulary has them; what does not fit is told by the desk', () => {
  const desk = openHub();
  const read = (fields: Record<string, string>) =>
    readForm(desk, new URLSearchParams(fields).toString());
  assert.deepEqual(
    read({ kind: 'code_storm', name: 's', 'does.codes': 'U110, U101', 'match.countMax': '20' }),
    {
      on: {
        name: 's',
        match: { countMax: 20 },
        does: { kind: 'code_storm', codes: ['U110', 'U101'] },
      },
    },
  );
  const { on: storm } = read({ kind: 'http_storm', name: 'h', 'does.statuses': '500,503' });
  assert.deepEqual((storm as { does: unknown }).does, { kind: 'http_storm', statuses: [500, 503] });
  const { on: silence } = read({ kind: 'silence', name: 'q', 'does.settles': 'true' });
  assert.equal(desk.on(silence), undefined);
  const { on: odd } = read({ kind: 'delay', name: 'd', 'does.afterMs': 'soon' });
  assert.match(String(desk.on(odd)), /does\.afterMs/);
  const { on: strange } = read({ kind: 'delay', name: 'd', 'match.constructor': 'x' });
  assert.match(String(desk.on(strange)), /unknown/);
  assert.deepEqual(read({ off: 's' }), { off: 's' });
});

test('listenControl() takes a form from its own page and from nobody else’s, whatever name leads here', async () => {
  const desk = openHub();
  const hub = {
    counters: () => ({ peers: {}, refused: { odd: 2 }, undelivered: 0 }),
  } as unknown as Hub;
  const control = await listenControl({ hub, desks: [desk] }, 0, []);
  const host = `127.0.0.1:${control.port}`;
  const call = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body = '',
  ): Promise<{ status: number; text: string; csp: string }> =>
    new Promise((resolve, reject) => {
      const asked = request({ port: control.port, method, path, headers }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            text,
            csp: String(answer.headers['content-security-policy']),
          }),
        );
      });
      asked.on('error', reject);
      asked.end(body);
    });
  const form = 'kind=drop_answer&name=lost';
  const path = '/sim/page/hub';
  try {
    const shown = await call('GET', '/sim/', { host });
    assert.equal(shown.status, 200);
    assert.match(shown.text, /<dt>refused<\/dt><dd>2<\/dd>/);
    assert.match(shown.csp, /default-src 'none'.*frame-ancestors 'none'/);
    for (const headers of [
      { host, origin: 'http://evil.example' },
      { host, origin: 'null' },
      { host, origin: `https://${host}` },
      { host: `evil.example:${control.port}` },
      { host: `evil.example:${control.port}`, origin: `http://evil.example:${control.port}` },
    ])
      assert.equal((await call('POST', path, headers, form)).status, 400);
    assert.deepEqual(given(desk), []);
    const on = await call('POST', path, { host, origin: `http://${host}` }, form);
    assert.equal(on.status, 200);
    assert.deepEqual(given(desk), [{ name: 'lost', match: {}, does: { kind: 'drop_answer' } }]);
    const wrong = await call('POST', path, { host }, 'kind=delay&name=x');
    assert.deepEqual([wrong.status, /Not taken: hub: does.afterMs/.test(wrong.text)], [400, true]);
    await call('POST', path, { host }, 'off=lost');
    assert.deepEqual(given(desk), []);
    // The tools' own way is as it was.
    const json = await call('POST', '/sim/fault/hub', { host }, '{"reset":true}');
    assert.equal(json.status, 200);
  } finally {
    await control.close();
  }
});

test('isFromHere() takes no name but those of loopback', () => {
  for (const host of ['localhost:8095', '127.0.0.1:8095', '[::1]:8095', 'localhost'])
    assert.ok(isFromHere({ host }), host);
  for (const host of ['', 'localhost.evil.example:8095', '127.0.0.1.evil:1', '10.0.0.1:8095'])
    assert.ok(!isFromHere({ host }), host);
});
