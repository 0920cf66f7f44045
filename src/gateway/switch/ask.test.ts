import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journalCopy } from './ask.ts';

test('journalCopy() keeps nothing that a shown code could be paid with, and no number of its customer (I11)', () => {
  const ids = {
    kind: 'request',
    rail: 'qris',
    bizMsgIdr: '2026080105000000000936000090001',
    rrn: '123456000001',
    fromBank: 'BNINIDJA',
    amountSen: '100',
    deadlineMs: 1,
  } as const;
  const kept = { ...ids, what: 'qris_presented', merchantPan: '9360', merchantName: 'A' } as const;
  const secret = { customerPan: '9360019901234567893', codeData: '00112233445566778899' };
  assert.deepEqual(journalCopy({ ...kept, ...secret }), kept);
});
