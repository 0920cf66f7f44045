import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { golden } from '../testing/bank.ts';
import { readBusMsg } from './bifast-schema.ts';

const TO_HUB = [
  '4.1-out-010',
  '4.1-out-011',
  '4.1-out-510',
  '4.2-ours-actc',
  '4.2-ours-rjct',
  '4.4-status-request',
  '4.5-sign-on',
];

test('readBusMsg() takes every golden message to the hub', () => {
  for (const name of TO_HUB) {
    const read = readBusMsg(Buffer.from(golden(name)));
    assert.ok(read.ok, `${name}: ${read.ok ? '' : read.where}`);
  }
  const read = readBusMsg(Buffer.from(golden('4.1-out-010')));
  assert.ok(read.ok && read.message.kind === 'credit');
  assert.deepEqual(
    [read.message.amountSen, read.message.creditorAccount, read.message.settlementDate],
    [12_500_000n, '9008007006', '2026-08-01'],
  );
});

test('readBusMsg() refuses each golden message when any one value is dropped, added or made a number', () => {
  for (const name of TO_HUB) {
    const whole: unknown = JSON.parse(golden(name));
    for (const path of leavesOf(whole)) {
      for (const change of [drop, addBeside, makeNumber]) {
        const copy = structuredClone(whole);
        change(copy, path);
        if (change === drop && isOptional(path)) continue;
        assert.equal(
          readBusMsg(Buffer.from(JSON.stringify(copy))).ok,
          false,
          `${name} ${change.name} ${path.join('.')}`,
        );
      }
    }
  }
});

test('readBusMsg() answers any bytes with a result, never a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !readBusMsg(Buffer.from(bytes)).ok),
  );
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => !readBusMsg(Buffer.from(text)).ok));
  const sample = golden('4.1-out-010');
  fc.assert(
    fc.property(fc.nat(sample.length - 1), fc.integer({ min: 32, max: 126 }), (at, code) => {
      const bent = sample.slice(0, at) + String.fromCharCode(code) + sample.slice(at + 1);
      assert.equal(typeof readBusMsg(Buffer.from(bent)).ok, 'boolean');
    }),
  );
});

type Path = readonly (string | number)[];

function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

function parentOf(root: unknown, path: Path): Record<string, unknown> {
  let here = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) here = here[key] as Record<string, unknown>;
  return here;
}

function drop(root: unknown, path: Path): void {
  const parent = parentOf(root, path);
  if (Array.isArray(parent)) parent.splice(Number(path.at(-1)), 1);
  else delete parent[String(path.at(-1))];
}

function addBeside(root: unknown, path: Path): void {
  const parent = parentOf(root, path);
  if (Array.isArray(parent)) parent.push('more');
  else parent['Xtra'] = 'more';
}

function makeNumber(root: unknown, path: Path): void {
  parentOf(root, path)[String(path.at(-1))] = 1;
}

/** `BizSvc` may be absent. */
function isOptional(path: Path): boolean {
  return path.at(-1) === 'BizSvc';
}
