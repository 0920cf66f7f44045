/** The golden samples of proxies, system events and account reports (docs/rail/bifast.md sections 4.7 to 4.9), held against both
 * sides: our codec and the simulator's own. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readBusMsg } from '../../sim/hub/bifast-schema.ts';
import type { DirectoryEntry } from '../../sim/hub/directory.ts';
import { HUB_BIC } from '../../sim/hub/participant.ts';
import {
  renderEnquired,
  renderLookedUp,
  renderParticipantEvent,
  renderPortedAway,
  renderRegistered,
  renderReport,
} from '../../sim/hub/proxy-render.ts';
import { makeIds } from '../../sim/hub/render.ts';
import { encodeMessage } from '../../src/rail/bifast/encode.ts';
import { parseMessage } from '../../src/rail/bifast/parse.ts';

const text = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'bifast', `${name}.json`), 'utf8');
const OURS = [
  '4.1-out-110',
  '4.7-register',
  '4.7-suspend',
  '4.7-lookup',
  '4.7-enquiry',
  '4.8-ack',
];

test('readBusMsg() of the simulator takes the proxy messages and the acknowledgement that our codec writes', () => {
  for (const name of OURS) {
    const parsed = parseMessage(Buffer.from(text(name)));
    assert.ok(parsed.ok, `${name}: ${parsed.ok ? '' : parsed.error.path}`);
    const read = readBusMsg(encodeMessage(parsed.message));
    assert.ok(read.ok, `${name}: ${read.ok ? '' : read.where}`);
  }
});

const AT = Date.UTC(2026, 7, 1, 3, 5);
const hubIds = (trxType: string, originator: 'R' | 'H', channel: string, sequence: number) =>
  makeIds({ nowMs: AT, bic: HUB_BIC, trxType, originator, channel, sequence });
const to = (ids: ReturnType<typeof hubIds>) => ({ to: 'PULHIDJA', nowMs: AT, ids });
const own: DirectoryEntry = {
  proxy: { type: '01', value: '6281234567890' },
  bank: 'PULHIDJA',
  account: '1002003004',
  accountType: 'SVGS',
  accountName: 'NASABAH SINTETIS A',
  displayName: 'NASABAH SINTETIS A',
  secondId: '99:cus_1',
  registrationId: 'R000000000018',
  state: 'active',
};
const theirs: DirectoryEntry = {
  ...own,
  proxy: { type: '01', value: '6285511112222' },
  bank: 'BNINIDJA',
  account: '9008007006',
  accountName: 'NASABAH SINTETIS B',
  displayName: 'NASABAH SINTETIS B',
  registrationId: 'R000000000003',
};
const same = (name: string, body: Buffer): void =>
  assert.deepEqual(JSON.parse(body.toString()), JSON.parse(text(name)), name);

test('the simulator’s hub writes the golden answers about proxies', () => {
  const asked = { answeredMsgId: '20260801PULHIDJA71000000201', operation: 'NEWR' };
  const registered = { ...to(hubIds('710', 'R', '02', 4801)), ...asked };
  same('4.7-registered', renderRegistered({ ...registered, code: 'U000', entry: own }));
  const refused = { ...to(hubIds('710', 'R', '02', 4802)), ...asked };
  same('4.7-register-elsewhere', renderRegistered({ ...refused, code: 'U807' }));
  const lookup = {
    answeredMsgId: '20260801PULHIDJA61000000301',
    lookupId: '20260801PULHIDJA61000000301',
    proxy: theirs.proxy,
  };
  const found = { ...to(hubIds('610', 'R', '02', 4811)), ...lookup };
  same('4.7-found', renderLookedUp({ ...found, code: 'U000', entry: theirs }));
  const lost = { ...to(hubIds('610', 'R', '02', 4812)), ...lookup };
  same('4.7-not-found', renderLookedUp({ ...lost, code: 'U804' }));
  const enquired = {
    ...to(hubIds('610', 'R', '99', 4813)),
    answeredMsgId: '20260801PULHIDJA61000000302',
  };
  same('4.7-enquired', renderEnquired({ ...enquired, entries: [own] }));
  const away = { ...to(hubIds('710', 'H', '99', 4821)), former: own, newBank: 'BNINIDJA' };
  same('4.7-ported-away', renderPortedAway(away));
});

test('the simulator’s hub writes the golden event and the golden reports', () => {
  const event = { bic: 'BNINIDJA', isOpen: false, changedAtMs: AT };
  same('4.8-closed', renderParticipantEvent({ ...to(hubIds('000', 'H', '99', 4831)), ...event }));
  const lines = [
    {
      lineId: 'L000000000018',
      direction: 'out',
      bizMsgIdr: '20260801PULHIDJA010O0200000123',
      amountSen: '12500000',
      counterpartyBank: 'BNINIDJA',
      connector: '9f'.repeat(32),
      settledAtMs: AT + 900,
      businessDate: '2026-08-01',
    },
    {
      lineId: 'L000000000019',
      direction: 'in',
      bizMsgIdr: '20260801BNINIDJA010O0200000077',
      amountSen: '5000000',
      counterpartyBank: 'BNINIDJA',
      connector: '',
      settledAtMs: AT + 900,
      businessDate: '2026-08-01',
    },
  ] as const;
  const opening = { kind: 'OPBD', amountSen: 100_000_000n, atMs: AT - 36_300_000 } as const;
  const position = to(hubIds('000', 'H', '99', 4841));
  same(
    '4.9-position',
    renderReport({
      ...position,
      what: 'position',
      reportId: position.ids.msgId,
      account: 'PULHIDJA',
      balances: [
        opening,
        { kind: 'ITBD', amountSen: 92_500_000n, atMs: AT },
        { kind: 'ITAV', amountSen: 90_000_000n, atMs: AT },
      ],
      counted: lines,
    }),
  );
  same(
    '4.9-statement',
    renderReport({
      ...to(hubIds('000', 'H', '99', 4842)),
      what: 'statement',
      reportId: '2026-08-01',
      account: 'PULHIDJA',
      balances: [
        opening,
        { kind: 'CLBD', amountSen: 92_500_000n, atMs: AT - 36_300_000 + 86_400_000 },
      ],
      counted: lines,
    }),
  );
  const single = to(hubIds('000', 'H', '99', 4843));
  same(
    '4.9-lines',
    renderReport({
      ...single,
      what: 'lines',
      reportId: single.ids.msgId,
      account: 'PULHIDJA',
      balances: [],
      lines,
    }),
  );
});
