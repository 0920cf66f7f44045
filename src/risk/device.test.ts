import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rupiah } from '../kernel/money.ts';
import { DEFAULT_BOOK } from './rule-book.ts';
import type { DeviceUse, ScreenFacts } from './rule.ts';
import { readsFrom, screen } from './screen.ts';

const DAY = 86_400_000;
const NOW_MS = Date.parse('2026-08-01T05:00:00Z');
const pair = { firstAtMs: NOW_MS - 90 * DAY, lastAtMs: NOW_MS - DAY, lastAmountSen: 1n };
const own: DeviceUse = { ageMs: 200 * DAY, hadOther: true, customers: 2, isOfStaff: false };
const here = { isSame: true, isMoved: false };
const said = (amountSen: bigint, device: Partial<DeviceUse>, more: Partial<ScreenFacts> = {}) => {
  const { verdict, reasons } = screen(DEFAULT_BOOK, {
    facts: {
      channel: 'mobile',
      kind: 'onus',
      atMs: NOW_MS,
      blocked: [],
      pair,
      amountSen,
      device: { ...own, ...device },
      signed: here,
      ...more,
    },
    payer: { canAnswer: true, answered: [] },
  });
  return [verdict, ...reasons];
};

test('new_device holds a large amount on the first day of a device that is not the first one', () => {
  const large = rupiah(25_000_000);
  assert.deepEqual(said(large, { ageMs: DAY - 1 }), ['hold', 'new_device']);
  assert.deepEqual(said(large, { ageMs: DAY }), ['allow']);
  assert.deepEqual(said(large - 1n, { ageMs: 0 }), ['allow']);
  assert.deepEqual(said(large, { ageMs: 0, hadOther: false }), ['allow'], 'the first one');
});

test('shared_device holds payments of the fifth customer of a device, and no family', () => {
  assert.deepEqual(said(rupiah(1_000_000), { customers: 5 }), ['hold', 'shared_device']);
  assert.deepEqual(said(rupiah(1_000_000), { customers: 4 }), ['allow']);
  assert.deepEqual(said(rupiah(1_000_000) - 1n, { customers: 50 }), ['allow']);
});

test('D25 staff_device holds what leaves an account of a customer on a device on which staff work', () => {
  assert.deepEqual(said(rupiah(1_000_000), { isOfStaff: true }), ['hold', 'staff_device']);
  assert.deepEqual(said(rupiah(1_000_000) - 1n, { isOfStaff: true }), ['allow']);
});

test('stolen_session holds every payment from another device than the one that opened the session, at tills too', () => {
  const signed = { isSame: false, isMoved: false };
  for (const kind of ['onus', 'qris_out', 'bill'])
    assert.deepEqual(said(rupiah(10_000), {}, { signed, kind }), ['hold', 'stolen_session']);
  assert.deepEqual(said(rupiah(10_000), {}, { signed: undefined }), ['allow'], 'of a partner');
});

test('moved_session asks about a large amount once the session is on another network', () => {
  const signed = { isSame: true, isMoved: true };
  const kind = 'bifast_out';
  assert.deepEqual(said(rupiah(25_000_000), {}, { signed, kind }), ['step_up', 'moved_session']);
  assert.deepEqual(said(rupiah(25_000_000) - 1n, {}, { signed, kind }), ['allow']);
});

test('readsFrom() reads the device only for transfers in the app that are large enough', () => {
  const of = { channel: 'mobile', kind: 'onus', amountSen: rupiah(1_000_000) };
  assert.ok(readsFrom(DEFAULT_BOOK, 'readsDeviceFrom', of));
  for (const other of [
    { ...of, channel: 'snap' },
    { ...of, kind: 'bill' },
    { ...of, amountSen: of.amountSen - 1n },
  ])
    assert.ok(!readsFrom(DEFAULT_BOOK, 'readsDeviceFrom', other));
});
