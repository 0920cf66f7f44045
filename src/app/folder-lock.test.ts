import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { lockFolder } from './folder-lock.ts';

test('lockFolder() is given to one of many who ask at once, by whatever path, and to the next one after its end', async () => {
  const home = mkdtempSync(join(tmpdir(), 'pulih-lock-'));
  const folder = join(home, 'state');
  mkdirSync(folder);
  symlinkSync(folder, join(home, 'link'));
  try {
    const asked = await Promise.all(
      ['state', 'link', 'state', 'link'].map((name) => lockFolder(join(home, name))),
    );
    const [unlock, ...more] = asked.filter((one) => one !== undefined);
    assert.equal(more.length, 0);
    await unlock!();
    const again = await lockFolder(folder);
    assert.ok(again);
    await again();
  } finally {
    rmSync(home, { recursive: true });
  }
});

test('lockFolder() is free the moment its process was killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-lock-'));
  const code = `const { lockFolder } = await import(${JSON.stringify(join(import.meta.dirname, 'folder-lock.ts'))});
    process.stdout.write((await lockFolder(${JSON.stringify(folder)})) ? 'has it' : 'has it not');
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
  try {
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    assert.equal(said.toString(), 'has it');
    assert.equal(await lockFolder(folder), undefined);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const unlock = await lockFolder(folder);
    assert.ok(unlock);
    await unlock();
  } finally {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
});
