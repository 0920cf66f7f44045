import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { macDataOf, parseSettlementFile, splitFile } from './settlement-file.ts';

const OURS = { institution: '199', businessDate: '2026-08-01', rail: 'switch' } as const;
const OUT = 'D|1|from_bank|transfer|009|000042|0801030015|199|621310000042|O|000005000000|D|319000';
const IN = 'D|2|to_bank|transfer|014|000777|0801030016|014|000000000777|O|000002000000|C|AB12CD';
const CASH =
  'D|3|to_bank|withdrawal|014|000778|0801030017|014|000000000778|O|000001000000|D|319001';
/** Another bank's card at a machine of ours. */
const OTHERS_CASH =
  'D|4|from_bank|withdrawal|014|000779|0801030018|199|000000000779|O|000001000000|C|319002';
const QRIS = 'D|5|to_bank|qris|014|000780|0801030019|014|000000000780|O|000001000000|C|319003';
/** What we asked for: a payment at another bank's shop, and a refund by a shop of ours. */
const QRIS_OUT =
  'D|6|from_bank|qris|009|000043|0801030020|199|621310000043|O|000001000000|D|319004';
const REFUND_OUT =
  'D|7|from_bank|qris_refund|009|000044|0801030021|199|621310000044|O|000000500000|D|319005';
const file = (rows: readonly string[], over: { head?: string; end?: string } = {}): string => {
  const sum = (side: string): number =>
    rows
      .map((row) => row.split('|'))
      .filter((parts) => parts[11] === side)
      .reduce((all, parts) => all + Number(parts[10]), 0);
  const [credit, debit] = [sum('C'), sum('D')];
  return [
    over.head ?? 'H|PULIH SWITCH|199|2026-08-01|360|CLOSED',
    ...rows,
    'T|from_bank|transfer|009|1|-5000000',
    over.end ?? `E|${rows.length}|${credit}|${debit}|${credit - debit}`,
    '',
  ].join('\n');
};

test('parseSettlementFile() gives transfers both ways and cash both ways under the ids that we know them by, and counts the rest', () => {
  const read = parseSettlementFile(file([OUT, IN, CASH, OTHERS_CASH, QRIS]), OURS);
  assert.ok(read);
  assert.deepEqual([read.isClosed, read.otherCount], [true, 1]);
  assert.deepEqual(
    read.lines.map(({ lineId, direction, bizMsgIdr, amountSen, counterpartyBank }) => [
      lineId,
      direction,
      bizMsgIdr,
      amountSen,
      counterpartyBank,
    ]),
    [
      ['20260801.1', 'out', '20260801199000042', '5000000', 'BNINIDJA'],
      ['20260801.2', 'in', '2026080103001600000000014000777', '2000000', 'CENAIDJA'],
      ['20260801.3', 'in', '2026080103001700000000014000778', '1000000', 'CENAIDJA'],
      ['20260801.4', 'in', '2026080103001800000000199000779', '1000000', 'CENAIDJA'],
    ],
  );
});

test('parseSettlementFile() says which lines are cash with one of our cards: what D17 waits for a posting of', () => {
  const read = parseSettlementFile(file([OUT, IN, CASH, OTHERS_CASH]), OURS);
  assert.deepEqual(
    read?.lines.map(({ isCash }) => isCash ?? false),
    [false, false, true, false],
  );
});

test('parseSettlementFile() gives QRIS under the ids of who asked, and says what was paid with a code of ours', () => {
  const shown = QRIS.replace('D|5|', 'D|6|')
    .replace('|qris|', '|qris_presented|')
    .replace('|000780|', '|000781|')
    .replace('|C|319', '|D|319');
  const rows = [OUT, IN, CASH, OTHERS_CASH, QRIS, shown];
  const read = parseSettlementFile(file(rows), { ...OURS, rail: 'qris' });
  assert.deepEqual(
    read?.lines.map(({ direction, bizMsgIdr, isShown }) => [direction, bizMsgIdr, isShown]),
    [
      ['in', '2026080103001900000000014000780', undefined],
      ['in', '2026080103001900000000014000781', true],
    ],
  );
});

test('T5 parseSettlementFile() names what we sent over QRIS by our own ids: a payment that its own file does not know would be given back', () => {
  const rows = [OUT, IN, CASH, OTHERS_CASH, QRIS, QRIS_OUT, REFUND_OUT];
  const read = parseSettlementFile(file(rows), { ...OURS, rail: 'qris' });
  assert.deepEqual(
    read?.lines.map(({ direction, bizMsgIdr }) => [direction, bizMsgIdr]),
    [
      ['in', '2026080103001900000000014000780'],
      ['out', '20260801199000043'],
      ['out', '20260801199000044'],
    ],
  );
});

test('parseSettlementFile() leaves out what was taken back in the same date', () => {
  const back = OUT.replace('D|1|', 'D|2|').replace('|O|', '|R|').replace('|D|319', '|C|319');
  assert.deepEqual(parseSettlementFile(file([OUT, back]), OURS)?.lines, []);
});

test('a file that does not add up, or is of another bank or date, is none: half a settlement would call the rest not settled (T1)', () => {
  for (const text of [
    file([OUT], { end: 'E|1|0|5000001|-5000001' }),
    file([OUT], { end: 'E|2|0|5000000|-5000000' }),
    file([IN]),
    file([OUT], { head: 'H|PULIH SWITCH|198|2026-08-01|360|CLOSED' }),
    file([OUT], { head: 'H|PULIH SWITCH|199|2026-08-02|360|CLOSED' }),
    file([OUT], { head: 'H|PULIH SWITCH|199|2026-08-01|360|MAYBE' }),
    file([OUT.replace('621310000042', 'x')]),
    file([OUT.replace('|009|', '||')]),
    `${file([OUT])}X\n`,
    file([OUT, 'N|hello']),
    '',
  ])
    assert.equal(parseSettlementFile(text, OURS), undefined, text.slice(0, 60));
});

test('splitFile() takes a MAC at the very end only, and any text without a throw', () => {
  const covered = file([OUT]);
  const mac = 'A'.repeat(16);
  assert.deepEqual(splitFile(`${covered}M|${mac}\n`), { covered, mac });
  for (const text of [covered, `${covered}M|${mac}`, `${covered}M|${mac}\n\n`, `M|${mac}\n`])
    assert.equal(splitFile(text), undefined);
  assert.match(macDataOf(covered).toString(), /^[0-9a-f]{64}$/);
  fc.assert(
    fc.property(fc.string(), (text) => {
      splitFile(text);
      assert.equal(parseSettlementFile(text, OURS), undefined);
    }),
    { numRuns: 200 },
  );
});
