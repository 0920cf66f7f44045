import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeMessage } from './encode.ts';
import { areOneMessage, messageIds, parseBizMsgIdr } from './id.ts';
import { parseMessage } from './parse.ts';
import { ids, message, transfer } from './test-message.ts';

test('parseMessage() gives back what encodeMessage() wrote', () => {
  fc.assert(
    fc.property(message, (given) => {
      assert.deepEqual(parseMessage(encodeMessage(given)), {
        ok: true,
        message: structuredClone(given),
      });
    }),
    { numRuns: 400 },
  );
});

test('parseMessage() answers any bytes with a typed error, never a throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const result = parseMessage(bytes);
        assert.equal(result.ok, false);
      },
    ),
    { numRuns: 400 },
  );
});

test('parseMessage() answers a message with any one value replaced with a message or the path of the fault', () => {
  fc.assert(
    fc.property(message, fc.nat(), fc.anything({ maxDepth: 1 }), (given, pick, value) => {
      const tree = JSON.parse(encodeMessage(given).toString()) as Record<string, unknown>;
      const leaves: [Record<string, unknown>, string][] = [];
      const walk = (node: unknown): void => {
        if (typeof node !== 'object' || node === null) return;
        for (const name of Object.keys(node)) {
          leaves.push([node as Record<string, unknown>, name]);
          walk((node as Record<string, unknown>)[name]);
        }
      };
      walk(tree);
      const [owner, name] = leaves[pick % leaves.length]!;
      owner[name] = typeof value === 'bigint' || typeof value === 'symbol' ? null : value;
      let bytes: Buffer;
      try {
        bytes = Buffer.from(JSON.stringify(tree) ?? '');
      } catch {
        return;
      }
      const result = parseMessage(bytes);
      if (!result.ok && result.error.problem !== 'not_json')
        assert.match(result.error.path, /^BusMsg/);
    }),
    { numRuns: 1_000 },
  );
});

test('parseMessage() reads the sample of domain.md 2.4', () => {
  const sample = `{"BusMsg":{"AppHdr":{"Fr":{"FIId":{"FinInstnId":{"Othr":{"Id":"BDKIIDJ1"}}}},"To":{"FIId":{"FinInstnId":{"Othr":{"Id":"FASTIDJA"}}}},
"BizMsgIdr":"20260801BDKIIDJ1010O0200000123","MsgDefIdr":"pacs.008.001.08","CreDt":"2026-08-01T03:05:00Z"},
"Document":{"FIToFICstmrCdtTrf":{"GrpHdr":{"MsgId":"20260801BDKIIDJ101000000123","CreDtTm":"2026-08-01T10:05:00.000","NbOfTxs":"1","SttlmInf":{"SttlmMtd":"CLRG"}},
"CdtTrfTxInf":[{"PmtId":{"EndToEndId":"20260801BDKIIDJ1010O0200000123","TxId":"20260801BDKIIDJ101000000123"},"PmtTpInf":{"LclInstrm":{"Prtry":"02"},"CtgyPurp":{"Prtry":"01099"}},
"IntrBkSttlmAmt":{"Ccy":"IDR","value":"125000.00"},"ChrgBr":"DEBT","Dbtr":{"Nm":"NASABAH SINTETIS A","Id":{"PrvtId":{"Othr":[{"Id":"0000000000000000"}]}}},"DbtrAcct":{"Id":{"Othr":{"Id":"1002003004"}},"Tp":{"Prtry":"SVGS"}},
"DbtrAgt":{"FinInstnId":{"Othr":{"Id":"BDKIIDJ1"}}},"CdtrAgt":{"FinInstnId":{"Othr":{"Id":"BNINIDJA"}}},"Cdtr":{"Nm":"NASABAH SINTETIS B"},"CdtrAcct":{"Id":{"Othr":{"Id":"9008007006"}},"Tp":{"Prtry":"SVGS"}},
"RmtInf":{"Ustrd":["uji"]},"SplmtryData":[{"Envlp":{"Dtl":{"Dbtr":{"Tp":"01","RsdntSts":"01","TwnNm":"0300"},"Cdtr":{"Tp":"01","RsdntSts":"01","TwnNm":"0300"}}}}]}]}}}}`;
  const result = parseMessage(Buffer.from(sample));
  assert.ok(result.ok && result.message.kind === 'credit_transfer');
  assert.equal(result.message.amountSen, 12_500_000n);
  assert.equal(result.message.header.bizMsgIdr.length, 30);
  assert.equal(result.message.msgId.length, 27);
});

test('parseMessage() names the field that is wrong', () => {
  const [given] = fc.sample(
    transfer.filter(({ trxType }) => trxType === '010'),
    { numRuns: 1, seed: 1 },
  );
  // oxlint-disable-next-line no-explicit-any -- the test walks a JSON tree of any shape
  const spoil = (change: (tree: any) => void) => {
    const tree = JSON.parse(encodeMessage(given!).toString());
    change(tree.BusMsg);
    const result = parseMessage(Buffer.from(JSON.stringify(tree)));
    return result.ok ? 'ok' : `${result.error.path} ${result.error.problem}`;
  };
  const tx = 'BusMsg.Document.FIToFICstmrCdtTrf.CdtTrfTxInf[0]';
  assert.equal(
    spoil((msg) => (msg.AppHdr.BizMsgIdr += '1')),
    'BusMsg.AppHdr.BizMsgIdr wrong_form',
  );
  assert.equal(
    spoil((msg) => (msg.AppHdr.BizMsgIdr = `20260230${msg.AppHdr.BizMsgIdr.slice(8)}`)),
    'BusMsg.AppHdr.BizMsgIdr wrong_form',
  );
  assert.equal(
    spoil((msg) => (msg.Document.FIToFICstmrCdtTrf.GrpHdr.MsgId = 'x')),
    'BusMsg.Document.FIToFICstmrCdtTrf.GrpHdr.MsgId wrong_form',
  );
  assert.equal(
    spoil((msg) => (msg.Document.FIToFICstmrCdtTrf.CdtTrfTxInf[0].IntrBkSttlmAmt.value = '10000')),
    `${tx}.IntrBkSttlmAmt.value wrong_form`,
  );
  assert.equal(
    spoil((msg) => (msg.Document.FIToFICstmrCdtTrf.CdtTrfTxInf[0].IntrBkSttlmAmt.value = 10000.0)),
    `${tx}.IntrBkSttlmAmt.value wrong_form`,
  );
  assert.equal(
    spoil((msg) => (msg.Document.FIToFICstmrCdtTrf.CdtTrfTxInf[0].IntrBkSttlmAmt.value = '0.00')),
    `${tx}.IntrBkSttlmAmt.value wrong_form`,
  );
  assert.equal(
    spoil((msg) => msg.Document.FIToFICstmrCdtTrf.CdtTrfTxInf.push({})),
    'BusMsg.Document.FIToFICstmrCdtTrf.CdtTrfTxInf wrong_form',
  );
  assert.equal(
    spoil((msg) => delete msg.Document.FIToFICstmrCdtTrf.CdtTrfTxInf[0].CdtrAcct),
    `${tx}.CdtrAcct missing`,
  );
  assert.equal(
    spoil(
      (msg) => (msg.Document.FIToFICstmrCdtTrf.CdtTrfTxInf[0].PmtTpInf.CtgyPurp.Prtry = '01101'),
    ),
    `${tx}.PmtTpInf.CtgyPurp.Prtry disagrees`,
  );
});

test('messageIds() makes 30 and 27 characters that parseBizMsgIdr() reads back', () => {
  fc.assert(
    fc.property(ids('010'), (made) => {
      assert.equal(made.bizMsgIdr.length, 30);
      assert.equal(made.msgId.length, 27);
      assert.deepEqual(messageIds(parseBizMsgIdr(made.bizMsgIdr)!), made);
      assert.ok(areOneMessage(made));
    }),
  );
});

test('parseMessage() believes no list of credits whose number or sum is another, that is empty, or too long', () => {
  const one = fc.sample(
    transfer.filter(({ trxType }) => trxType === '010'),
    { numRuns: 1, seed: 7 },
  )[0]!;
  const own = messageIds({
    day: '20260801',
    bic: 'BNINIDJA',
    trxType: '020',
    originator: 'O',
    channelCode: '02',
    sequence: 7,
  });
  const bulk = (count: number) =>
    encodeMessage({
      kind: 'bulk_credit',
      header: { ...one.header, bizMsgIdr: own.bizMsgIdr },
      msgId: own.msgId,
      madeAt: one.madeAt,
      credits: Array.from({ length: count }, () => one),
    }).toString();
  const at = 'BusMsg.Document.FIToFICstmrCdtTrf';
  const wrong = (text: string) => {
    const parsed = parseMessage(Buffer.from(text));
    return parsed.ok ? parsed.message.kind : `${parsed.error.path} ${parsed.error.problem}`;
  };
  assert.equal(wrong(bulk(100)), 'bulk_credit');
  assert.equal(wrong(bulk(101)), `${at}.CdtTrfTxInf wrong_form`);
  assert.equal(
    wrong(bulk(3).replace('"NbOfTxs":"3"', '"NbOfTxs":"4"')),
    `${at}.GrpHdr.NbOfTxs disagrees`,
  );
  const sum = /("TtlIntrBkSttlmAmt":\{"Ccy":"IDR","value":")\d+/;
  assert.equal(wrong(bulk(3).replace(sum, '$17')), `${at}.GrpHdr.TtlIntrBkSttlmAmt disagrees`);
  assert.equal(
    wrong(bulk(1).replace(/"CdtTrfTxInf":\[.*\]\}\}\}\}/, '"CdtTrfTxInf":[]}}}}')),
    `${at}.CdtTrfTxInf wrong_form`,
  );
});
