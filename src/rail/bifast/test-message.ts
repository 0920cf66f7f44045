/** Messages of every kind, drawn at random for the tests of both encodings. */
import fc from 'fast-check';
import { messageIds, type Originator } from './id.ts';
import type { BifastMessage, Header } from './message.ts';
import type { ProxyMessage } from './proxy-message.ts';
import type { Proxy } from './proxy.ts';
import type { AccountReport } from './report.ts';

const bic = fc.constantFrom('PULHIDJA', 'FASTIDJA', 'BNINIDJA', 'BDKIIDJ1');
const day = fc
  .date({ min: new Date('2024-01-01'), max: new Date('2039-12-31'), noInvalidDate: true })
  .map((at) => at.toISOString().slice(0, 10).replaceAll('-', ''));
/** Both ids of a message of that type. */
export const ids = (trxType: string) =>
  fc
    .record({
      day,
      bic,
      trxType: fc.constant(trxType),
      originator: fc.constantFrom<Originator>('O', 'R', 'H'),
      channelCode: fc.constantFrom('01', '02', '03', '99'),
      sequence: fc.nat(99_999_999),
    })
    .map(messageIds);
const word = (max: number) =>
  fc.string({ minLength: 1, maxLength: max, unit: fc.constantFrom(..."abcXYZ 019.-'é世") });
const local = fc.constant('2026-08-01T10:05:00.000');
const amountSen = fc.bigInt({ min: 1n, max: 99_999_999_999_999_99n });
const accountType = fc.constantFrom('CACC', 'SVGS', 'LOAN', 'CCRD', 'UESB', 'OTHR');
const account = fc.record({ number: fc.stringMatching(/^[0-9]{5,20}$/), type: accountType });
const proxy: fc.Arbitrary<Proxy> = fc.oneof(
  fc.record({ type: fc.constant('01' as const), value: fc.stringMatching(/^62[1-9]\d{7,12}$/) }),
  fc.record({ type: fc.constant('02' as const), value: fc.constant('nasabah.a@contoh.id') }),
  fc.record({ type: fc.constant('03' as const), value: fc.stringMatching(/^[A-Za-z0-9]{1,35}$/) }),
);
const header = (bizMsgIdr: string): fc.Arbitrary<Header> =>
  fc.record(
    {
      from: bic,
      to: bic,
      bizMsgIdr: fc.constant(bizMsgIdr),
      createdAt: fc.constant('2026-08-01T03:05:00Z'),
      service: fc.constantFrom('CLEAR' as const, 'STTL' as const),
      isCopy: fc.boolean(),
      isPossibleDuplicate: fc.boolean(),
    },
    { requiredKeys: ['from', 'to', 'bizMsgIdr', 'createdAt', 'isCopy', 'isPossibleDuplicate'] },
  );

/** pacs.008 of every type. */
export const transfer = fc
  .constantFrom('010' as const, '110' as const, '011' as const, '510' as const)
  .chain((trxType) =>
    fc.tuple(ids(trxType), ids('010')).chain(([own, related]) =>
      fc.record({
        kind: fc.constant('credit_transfer' as const),
        header: header(own.bizMsgIdr),
        msgId: fc.constant(own.msgId),
        madeAt: local,
        endToEndId: fc.constant(own.bizMsgIdr),
        txId: fc.constant(own.msgId),
        trxType: fc.constant(trxType),
        channelCode: fc.constantFrom('02', '99'),
        categoryPurpose: fc.constantFrom(`${trxType}01`, `${trxType}99`),
        amountSen,
        debtorName: word(140),
        debtorBank: bic,
        creditorBank: bic,
        creditorAccount: account,
        remittance: fc.oneof(fc.constant(''), word(140)),
        ...(trxType === '510'
          ? {}
          : {
              debtorAccount: account,
              creditorName: word(140),
              settlementDate: fc.constant('2026-08-01'),
            }),
        ...(trxType === '110' ? { creditorProxy: proxy } : {}),
        ...(trxType === '011' ? { relatedEndToEndId: fc.constant(related.bizMsgIdr) } : {}),
      }),
    ),
  );
const report = fc.tuple(ids('010'), ids('010')).chain(([own, original]) =>
  fc.record(
    {
      kind: fc.constant('status_report' as const),
      header: header(own.bizMsgIdr),
      msgId: fc.constant(own.msgId),
      madeAt: local,
      originalMsgId: fc.constant(original.msgId),
      originalMsgDef: fc.constantFrom('pacs.008.001.08', 'pacs.028.001.04'),
      originalEndToEndId: fc.constant(original.bizMsgIdr),
      originalTxId: fc.constant(original.msgId),
      status: fc.constantFrom('ACTC' as const, 'ACSC' as const, 'RJCT' as const),
      code: fc.constantFrom('U000', 'U101', 'U900'),
      amountSen,
      settlementDate: fc.constant('2026-08-01'),
      creditorName: word(140),
      creditorAccount: account,
    },
    {
      requiredKeys: [
        'kind',
        'header',
        'msgId',
        'madeAt',
        'originalMsgId',
        'originalMsgDef',
        'originalEndToEndId',
        'originalTxId',
        'status',
        'code',
      ],
    },
  ),
);
const fn = fc.constantFrom('SIGNON' as const, 'SIGNOFF' as const, 'ECHO' as const);
const other = fc.tuple(ids('000'), ids('010')).chain(([own, original]) =>
  fc.oneof(
    fc.record({
      kind: fc.constant('status_request' as const),
      header: header(own.bizMsgIdr),
      msgId: fc.constant(own.msgId),
      madeAt: local,
      originalEndToEndId: fc.constant(original.bizMsgIdr),
      originalTxId: fc.constant(original.msgId),
    }),
    fc.record({
      kind: fc.constant('admin_request' as const),
      header: header(own.bizMsgIdr),
      msgId: fc.constant(own.msgId),
      madeAt: local,
      fn,
    }),
    fc.record({
      kind: fc.constant('admin_response' as const),
      header: header(own.bizMsgIdr),
      msgId: fc.constant(own.msgId),
      madeAt: local,
      originalMsgId: fc.constant(own.msgId),
      fn,
      isAccepted: fc.boolean(),
      code: fc.constant('U000'),
    }),
    fc.record({
      kind: fc.constant('message_reject' as const),
      header: header(own.bizMsgIdr),
      reference: fc.constantFrom('', original.bizMsgIdr),
      code: fc.constant('U215'),
      madeAt: local,
      location: word(50),
      description: word(50),
    }),
  ),
);

const registrationId = fc.stringMatching(/^R\d{12}$/);
const named = fc.record({
  number: fc.stringMatching(/^[0-9]{5,20}$/),
  type: accountType,
  name: word(140),
});
const target = fc.record({ registrationId, displayName: word(140), bank: bic, account: named });
const secondId = fc.record({
  type: fc.constantFrom('01' as const, '99' as const),
  value: fc.stringMatching(/^[A-Za-z0-9_-]{1,35}$/),
});
const operation = fc.constantFrom(...(['NEWR', 'AMND', 'DEAC', 'SUSP', 'ACTV', 'PORT'] as const));

const proxies: fc.Arbitrary<ProxyMessage> = fc
  .tuple(ids('710'), ids('610'))
  .chain(([own, original]) => {
    const common = { header: header(own.bizMsgIdr), msgId: fc.constant(own.msgId), madeAt: local };
    const answered = {
      ...common,
      originalMsgId: fc.constant(original.msgId),
      originalMsgDef: fc.constantFrom('prxy.001.001.01', 'prxy.003.001.01', 'prxy.005.001.01'),
      isAccepted: fc.boolean(),
      code: fc.constantFrom('U000', 'U804'),
    };
    return fc.oneof(
      fc.record({
        kind: fc.constant('proxy_registration' as const),
        ...common,
        operation,
        proxy,
        displayName: word(140),
        bank: bic,
        account: named,
        secondId,
        registrationId,
      }),
      fc.record({
        kind: fc.constant('proxy_registration_answer' as const),
        ...answered,
        operation,
        registrationId,
        bank: bic,
      }),
      fc.record({
        kind: fc.constant('proxy_lookup' as const),
        ...common,
        bank: bic,
        askingAccount: fc.stringMatching(/^[0-9]{5,20}$/),
        lookupId: fc.constant(original.msgId),
        proxy,
      }),
      fc.record({
        kind: fc.constant('proxy_lookup_answer' as const),
        ...answered,
        lookupId: fc.constant(original.msgId),
        proxy,
        target,
      }),
      fc.record({ kind: fc.constant('proxy_enquiry' as const), ...common, bank: bic, secondId }),
      fc.record({
        kind: fc.constant('proxy_enquiry_answer' as const),
        ...answered,
        states: fc.array(
          fc.record({ proxy, target, state: fc.constantFrom('ACTV' as const, 'SUSP' as const) }),
          { maxLength: 3 },
        ),
      }),
      fc.record({
        kind: fc.constant('proxy_notice' as const),
        ...common,
        proxy,
        registrationId,
        bank: bic,
      }),
    );
  });

const events = fc.tuple(ids('000'), ids('010')).chain(([own, original]) =>
  fc.oneof(
    fc.record({
      kind: fc.constant('system_event' as const),
      header: header(own.bizMsgIdr),
      code: fc.constantFrom('POPN', 'PCLS', 'X1'),
      parameters: fc.array(bic, { maxLength: 3 }),
      description: word(50),
      happenedAt: local,
    }),
    fc.record({
      kind: fc.constant('event_ack' as const),
      header: header(own.bizMsgIdr),
      msgId: fc.constant(own.msgId),
      reference: fc.constant(original.bizMsgIdr),
      code: fc.constant('PCLS'),
    }),
  ),
);

const accountReport: fc.Arbitrary<AccountReport> = fc
  .tuple(ids('000'), ids('010'))
  .chain(([own, original]) =>
    fc.record({
      kind: fc.constant('account_report' as const),
      of: fc.constantFrom('position' as const, 'statement' as const, 'lines' as const),
      header: header(own.bizMsgIdr),
      msgId: fc.constant(own.msgId),
      madeAt: local,
      reportId: fc.constant(own.msgId),
      account: bic,
      balances: fc.array(
        fc.record({
          kind: fc.constantFrom('OPBD' as const, 'ITBD' as const, 'ITAV' as const),
          amountSen: fc.bigInt({ min: -1_000_000n, max: 1_000_000n }),
          at: local,
        }),
        { maxLength: 3 },
      ),
      totals: fc.record({
        inCount: fc.nat(1_000),
        inSen: fc.bigInt({ min: 0n, max: 10n ** 14n }),
        outCount: fc.nat(1_000),
        outSen: fc.bigInt({ min: 0n, max: 10n ** 14n }),
      }),
      entries: fc.array(
        fc.record({
          lineId: fc.stringMatching(/^L\d{12}$/),
          direction: fc.constantFrom('in' as const, 'out' as const),
          amountSen,
          bookedAt: local,
          valueDate: fc.constant('2026-08-01'),
          trxType: fc.constant('010'),
          endToEndId: fc.constant(original.bizMsgIdr),
          counterpartyBank: bic,
          connector: fc.constantFrom('', 'ab'.repeat(32)),
        }),
        { maxLength: 4 },
      ),
    }),
  );

/** Any message that we write or read. */
export const message: fc.Arbitrary<BifastMessage> = fc.oneof(
  transfer,
  report,
  other,
  proxies,
  events,
  accountReport,
);
