import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../kernel/log.ts';
import { virtualTime } from '../kernel/virtual-time.ts';
import type { RailNotice } from '../rail/notice.ts';
import { makeForwarder } from './forward.ts';
import { inboundKey } from './journal-index.ts';

const settled = (bizMsgIdr: string): RailNotice => ({
  kind: 'credit_settled',
  rail: 'switch',
  fromBank: 'BNINIDJA',
  bizMsgIdr,
});

test('T5 the cursor never passes a notice that waits: not one that is offered behind a later one of the same flush', async () => {
  const time = virtualTime(0);
  const forwarder = makeForwarder({
    folder: '/nowhere',
    // No core is there: everything waits.
    cores: [],
    startCursor: 0,
    timeoutMs: 1_000,
    countMax: 8,
    keyOf: inboundKey,
    time,
    log: silentLog,
  });
  void forwarder.offer(6, settled('6'));
  void forwarder.offer(5, settled('5'));
  assert.equal(forwarder.cursor(), 4, 'a restart brings 5 and 6 back');
  await forwarder.stop();
});
