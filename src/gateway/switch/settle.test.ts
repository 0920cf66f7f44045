import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demoMember } from '../../app/switch-profile.ts';
import { silentLog } from '../../kernel/log.ts';
import { virtualTime } from '../../kernel/virtual-time.ts';
import type { SwitchContext } from './line.ts';
import { makeSettlementSource } from './settle.ts';

const BANK = { name: 'Bank Uji', bic: 'PULHIDJA', bankCode: '199', hubBic: 'FASTIDJA' };
const DATE = '2026-08-01';
const SALE_SEN = 2_500_000;
const AFTER_READING_MS = 6_000;

/** An open file of the day with as many sales at our shops. */
function fileOf(count: number, amountSen: number = SALE_SEN): string {
  const sales = Array.from({ length: count }, (_, index) =>
    [
      'D',
      index + 1,
      'to_bank|qris|014',
      String(index + 1).padStart(6, '0'),
      '0801030000|014',
      `6213${String(index + 1).padStart(8, '0')}`,
      'O',
      String(amountSen).padStart(12, '0'),
      'C|',
    ].join('|'),
  );
  const sum = count * amountSen;
  const rows = [`H|SAKLAR|199|${DATE}|360|OPEN`, ...sales, `E|${count}|${sum}|0|${sum}`];
  return `${rows.join('\n')}\nM|0123456789ABCDEF\n`;
}

function openSource(first: string) {
  const time = virtualTime(Date.parse(`${DATE}T03:00:00Z`));
  const did = { fetched: 0, checked: 0, heard: 0 };
  const world = { time, did, text: first };
  const context = {
    time,
    log: silentLog,
    bank: BANK,
    member: demoMember(BANK),
    limits: { cutOverMinute: 1_380 },
    async settlementFile() {
      did.fetched += 1;
      return world.text;
    },
    keys: {
      async isMacRight() {
        did.checked += 1;
        return true;
      },
    },
  } as unknown as SwitchContext; // all that is used of it
  const source = makeSettlementSource(context, 'qris', async () => void (did.heard += 1));
  return { ...world, set: (text: string) => void (world.text = text), source };
}

async function readAll({ feed }: ReturnType<typeof openSource>['source'], from = '') {
  const lines: string[] = [];
  let cursor = from;
  for (let page = await feed(cursor); page; page = await feed(cursor)) {
    lines.push(...page.lines.map(({ lineId }) => lineId));
    cursor = page.cursor;
  }
  return { lines, cursor };
}

test('feed() fetches, checks and reads a file once for all of its pages, and tells each line once and in order', async () => {
  const world = openSource(fileOf(1_700));
  const { lines } = await readAll(world.source);
  assert.deepEqual(
    lines,
    Array.from({ length: 1_700 }, (_, index) => `20260801.${index + 1}`),
  );
  assert.deepEqual(world.did, { fetched: 1, checked: 1, heard: 1_700 });
});

test('feed() goes on where it was when the file has grown, and finds what was changed of it', async () => {
  const world = openSource(fileOf(1_200));
  const { cursor } = await readAll(world.source);
  world.set(fileOf(1_300));
  world.time.leap(world.time.now() + AFTER_READING_MS);
  const grown = await readAll(world.source, cursor);
  assert.equal(grown.lines.length, 100);
  assert.equal(grown.lines[0], '20260801.1201');
  assert.deepEqual(world.source.takeFaults?.(), []);
  world.set(fileOf(1_301, SALE_SEN + 100));
  world.time.leap(world.time.now() + AFTER_READING_MS);
  await readAll(world.source, grown.cursor);
  assert.deepEqual(world.source.takeFaults?.(), [{ businessDate: DATE, fault: 'changed' }]);
});
