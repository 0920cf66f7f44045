import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { wallTime, type Time } from '../kernel/time.ts';
import { openLineWriter } from './durable-file.ts';
import { openLimits } from './limit.ts';

const DAY_MS = 86_400_000;
const KEY = Buffer.alloc(32, 7);
const PAN = '6220990000000011';

async function withFile(work: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'limit-test-'));
  try {
    await work(join(folder, 'tries.jsonl'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('counts of a day are on the disk, without a card number, and a torn last line costs none before it', async () => {
  await withFile(async (path) => {
    let nowMs = 10 * DAY_MS;
    const time: Time = { ...wallTime(), now: () => nowMs };
    const open = () => openLimits({ path, key: KEY, time });
    let limits = open();
    const subject = limits.subjectOf(PAN);
    for (let n = 0; n < 9; n++) limits.countDay('wrong', subject);
    await limits.durable();
    const text = readFileSync(path, 'utf8');
    assert.equal(text.trim().split('\n').length, 9);
    assert.equal(text.includes(PAN.slice(4, 15)), false);
    await limits.close();
    appendFileSync(path, '{"atMs":8640');
    limits = open();
    assert.equal(limits.isDayLeft('wrong', subject), true);
    limits.countDay('wrong', subject);
    assert.equal(limits.isDayLeft('wrong', subject), false, 'the tenth');
    assert.equal(limits.isDayLeft('set', subject), true, 'counted apart');
    nowMs -= 3_600_000;
    assert.equal(
      limits.isDayLeft('wrong', subject),
      false,
      'a clock that jumps back forgives nothing',
    );
    nowMs += DAY_MS + 3_600_000;
    assert.equal(limits.isDayLeft('wrong', subject), true);
    await limits.close();
    limits = open();
    assert.equal(readFileSync(path, 'utf8'), '', 'what is older than a day leaves the file');
    await limits.close();
  });
});

test('a card is known by the eleven digits that a PVV looks at', async () => {
  await withFile(async (path) => {
    const limits = openLimits({ path, key: KEY, time: wallTime() });
    const subject = limits.subjectOf(PAN);
    for (const other of [`9${PAN.slice(1)}`, `${PAN.slice(0, -1)}9`, `123${PAN}`])
      assert.equal(limits.subjectOf(other), subject, other);
    for (let at = PAN.length - 12; at < PAN.length - 1; at++) {
      const changed = PAN.slice(0, at) + ((Number(PAN[at]) + 1) % 10) + PAN.slice(at + 1);
      assert.notEqual(limits.subjectOf(changed), subject, String(at));
    }
    await limits.close();
  });
});

test('a disk that takes no line makes the writer broken for good: nothing after it counts as written', async () => {
  await withFile(async (path) => {
    writeFileSync(path, '');
    const handle = openSync(path, 'r');
    const writer = openLineWriter(handle, wallTime());
    writer.add('one');
    await assert.rejects(writer.durable());
    assert.equal(writer.isBroken(), true);
    writer.add('two');
    await assert.rejects(writer.durable());
    assert.equal(readFileSync(path, 'utf8'), '');
    closeSync(handle);
  });
});

test('lines go to the disk in order, together or apart, also when the file is put in place anew', async () => {
  await withFile(async (path) => {
    const open = () => openSync(path, 'a');
    const writer = openLineWriter(open(), wallTime());
    writer.add('1');
    writer.add('2');
    await writer.durable();
    writer.add('3');
    writer.exclusive(() => {
      writeFileSync(path, 'kept\n');
      return open();
    });
    writer.add('4');
    await writer.close();
    assert.equal(readFileSync(path, 'utf8'), 'kept\n4\n');
  });
});
