/** The vectors of docs/rail/bifast.md, written with the simulator: our codec reads each and writes the same again. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { encodeMessage } from './encode.ts';
import { parseMessage } from './parse.ts';
import { parseFeed, parseStatement } from './settlement.ts';

const FOLDER = join(import.meta.dirname, '../../../test/golden/bifast');

function read(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as Record<string, unknown>;
}

const messages = globSync('4.*.json', { cwd: FOLDER }).toSorted();

test('there are vectors of every message', () => {
  for (const section of ['4.1', '4.2', '4.3', '4.4', '4.5', '4.6', '4.7', '4.8', '4.9']) {
    assert.ok(
      messages.some((name) => basename(name).startsWith(section)),
      section,
    );
  }
});

for (const name of messages) {
  test(`parseMessage() and encodeMessage() agree with the vector ${name}`, () => {
    const vector = read(name);
    const result = parseMessage(Buffer.from(JSON.stringify(vector)));
    assert.ok(result.ok, result.ok ? '' : `${result.error.path} ${result.error.problem}`);
    assert.deepEqual(JSON.parse(encodeMessage(result.message).toString()), vector);
  });
}

test('parseFeed() and parseStatement() read the vectors, now, for us and for what was asked only', () => {
  const feed = read('5-feed.json');
  const body = Buffer.from(JSON.stringify(feed));
  const good = {
    body,
    bic: 'PULHIDJA',
    after: String(feed['after']),
    nowMs: Number(feed['madeAtMs']),
  };
  assert.equal(parseFeed(good)?.lines.length, (feed['lines'] as unknown[]).length);
  assert.equal(parseFeed({ ...good, bic: 'BNINIDJA' }), undefined);
  assert.equal(parseFeed({ ...good, after: '999' }), undefined);
  assert.equal(parseFeed({ ...good, nowMs: good.nowMs + 301_000 }), undefined);
  const statement = read('5-statement.json');
  const businessDate = String(statement['businessDate']);
  const page = {
    body: Buffer.from(JSON.stringify(statement)),
    bic: 'PULHIDJA',
    businessDate,
    nowMs: Number(statement['madeAtMs']),
  };
  assert.equal(parseStatement(page)?.isComplete, statement['complete']);
  assert.equal(parseStatement({ ...page, businessDate: '2026-08-02' }), undefined);
});
