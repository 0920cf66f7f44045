import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { systemRandom } from '../kernel/random.ts';
import { processFolder } from './key-file.ts';
import { prepareKeys, writeSecret } from './keys.ts';

function withFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'pulih-keys-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('writeSecret() follows no link that the owner of the folder left for it', () =>
  withFolder((folder) => {
    const victim = join(folder, 'victim');
    const path = join(folder, 'proxy.key');
    writeFileSync(victim, 'of another', { mode: 0o644 });
    symlinkSync(victim, `${path}.next`);
    writeSecret(path, 'secret', undefined);
    assert.equal(readFileSync(victim, 'utf8'), 'of another');
    assert.equal(readFileSync(path, 'utf8'), 'secret');
    assert.equal(statSync(path).mode & 0o777, 0o600);
  }));

test('a core that left a link to the signing key gets it copied nowhere: the next start stops (I11)', () =>
  withFolder((state) => {
    const start = () => prepareKeys({ state, nowMs: Date.now(), random: systemRandom() });
    start();
    const signing = join(processFolder(state, 'signer'), 'signing.key');
    for (const name of ['receipt.key', 'partner.key']) {
      const [first, second] = ['core-1', 'core-2'].map((core) =>
        join(processFolder(state, core), name),
      );
      const kept = readFileSync(first!);
      renameSync(first!, `${first!}.kept`);
      unlinkSync(second!);
      symlinkSync(signing, first!);
      assert.throws(start, /ELOOP/);
      assert.throws(() => readFileSync(second!), /ENOENT/);
      renameSync(`${first!}.kept`, first!);
      start();
      assert.deepEqual(readFileSync(second!), kept);
    }
  }));
