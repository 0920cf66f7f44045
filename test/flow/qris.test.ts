import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PAYLOADS } from '../../src/rail/qris/test-payload.ts';

const PULIH = join(import.meta.dirname, '../../bin/pulih.mjs');

function pulih(
  args: readonly string[],
  input = '',
): { readonly status: number | null; readonly out: string } {
  const done = spawnSync(process.execPath, [PULIH, 'qris', ...args], {
    input,
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { status: done.status, out: done.stdout };
}

test('pulih qris decode --json prints the fields, or the error with exit 1', () => {
  const good = pulih(['decode', PAYLOADS.V2, '--json']);
  assert.equal(good.status, 0);
  assert.equal((JSON.parse(good.out) as { amount: string }).amount, '125000.00');
  const bad = pulih(['decode', PAYLOADS.I1, '--json']);
  assert.equal(bad.status, 1);
  assert.deepEqual(JSON.parse(bad.out), { error: { code: 'crc_mismatch', tag: '63' } });
});

test('pulih qris decode reads standard input, and speaks to people in both languages', () => {
  const good = pulih(['decode'], `${PAYLOADS.V1}\n`);
  assert.equal(good.status, 0);
  assert.match(good.out, /Nama \/ Name +WARUNG CONTOH/);
  assert.equal(pulih(['make']).status, 2);
});

test('pulih qris draw writes a picture of a good code, and of a bad one none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-qris-'));
  try {
    const [svg, png, none] = ['a.svg', 'a.png', 'b.png'].map((name) => join(folder, name));
    assert.equal(pulih(['draw', PAYLOADS.V1, '--to', svg!]).status, 0);
    assert.match(readFileSync(svg!, 'utf8'), /^<svg /);
    assert.equal(pulih(['draw', PAYLOADS.V1, '--to', png!]).status, 0);
    assert.equal(readFileSync(png!).toString('latin1', 1, 4), 'PNG');
    assert.equal(pulih(['draw', PAYLOADS.I1, '--to', none!]).status, 1);
    assert.equal(existsSync(none!), false);
    assert.equal(pulih(['draw', PAYLOADS.V1]).status, 2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
