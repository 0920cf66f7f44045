import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { encodeMessage } from '../encode.ts';
import { parseMessage } from '../parse.ts';
import { message } from '../test-message.ts';
import { encodeXml } from './encode.ts';
import { parseXml } from './parse.ts';

const FOLDER = join(import.meta.dirname, '../../../../test/golden/bifast');
const goldens = globSync('4.*.json', { cwd: FOLDER }).toSorted();
const golden = (name: string): string => {
  const parsed = parseMessage(readFileSync(join(FOLDER, name)));
  assert.ok(parsed.ok, name);
  return encodeXml(parsed.message).toString();
};
const problemOf = (xml: string): string => {
  const parsed = parseXml(Buffer.from(xml));
  return parsed.ok ? 'ok' : `${parsed.error.path} ${parsed.error.problem}`.trim();
};

test('parseXml() and parseMessage() give the same message from their two encodings', () => {
  fc.assert(
    fc.property(message, (given) => {
      const fromXml = parseXml(encodeXml(given));
      assert.deepEqual(fromXml, { ok: true, message: structuredClone(given) });
      assert.ok(fromXml.ok);
      assert.deepEqual(encodeMessage(fromXml.message), encodeMessage(given));
    }),
    { numRuns: 300 },
  );
});

test('every golden message is the same through XML', () => {
  assert.ok(goldens.length > 25);
  for (const name of goldens) {
    const parsed = parseMessage(readFileSync(join(FOLDER, name)));
    assert.deepEqual(parseXml(Buffer.from(golden(name))), parsed, name);
  }
});

test('a pacs.008 in XML has its elements in the order of the schema, each text as it was', () => {
  const xml = golden('4.1-out-110.json');
  const order = [
    '<AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.01"><Fr><FIId><FinInstnId><Othr><Id>PULHIDJA<',
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf><GrpHdr><MsgId>',
    '<SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr><CdtTrfTxInf><PmtId><EndToEndId>',
    '<IntrBkSttlmAmt Ccy="IDR">125000.00</IntrBkSttlmAmt><IntrBkSttlmDt>2026-08-01</IntrBkSttlmDt><ChrgBr>DEBT</ChrgBr><Dbtr>',
    '</DbtrAcct><DbtrAgt>',
    '</DbtrAgt><CdtrAgt>',
    '</CdtrAgt><Cdtr><Nm>NASABAH SINTETIS B</Nm></Cdtr><CdtrAcct><Id><Othr><Id>9008007006</Id></Othr></Id><Tp><Prtry>SVGS</Prtry></Tp><Prxy><Tp><Prtry>01</Prtry></Tp><Id>6281234567890</Id></Prxy></CdtrAcct><RmtInf>',
    '</RmtInf><SplmtryData><Envlp><Dtl xmlns="urn:pulih:bifast:supplement:1">',
  ];
  let from = 0;
  for (const part of order) {
    const at = xml.indexOf(part, from);
    assert.ok(at >= from, part);
    from = at;
  }
  // The schema wants a creditor also where we know none, and a party inside the creditor of a reference.
  assert.match(golden('4.1-out-510.json'), /<\/CdtrAgt><Cdtr><\/Cdtr><CdtrAcct>/);
  assert.match(golden('4.2-answer-510.json'), /<OrgnlTxRef>.*<Cdtr><Pty><Nm>/);
});

test('parseXml() takes prefixes, comments, spaces between elements and elements that nobody here knows', () => {
  const xml = golden('4.4-status-request.json')
    .replace('<Document xmlns="', '<!-- note --> <p:Document xmlns:p="')
    .replace('</Document>', '</p:Document>')
    .replaceAll(
      /<(\/?)(FIToFIPmtStsReq|GrpHdr|MsgId|CreDtTm|TxInf|OrgnlEndToEndId|OrgnlTxId)>/g,
      '<$1p:$2>\n',
    )
    .replace('</p:GrpHdr>', '<p:InstgAgt><p:x y="1">z</p:x></p:InstgAgt></p:GrpHdr>')
    .replaceAll(/>\n([0-9A-Z])/g, '>$1')
    .replaceAll('>\n2026-08', '>2026-08');
  assert.equal(problemOf(xml), 'ok', xml);
});

test('parseXml() refuses document types, entities, instructions, CDATA and other versions', () => {
  const xml = golden('4.1-out-010.json');
  const body = xml.slice(xml.indexOf('<BusMsg>'));
  const bomb =
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' +
    body.replace('NASABAH SINTETIS A', '&b;');
  const outside = `<!DOCTYPE b SYSTEM "file:///etc/passwd">${body}`;
  for (const [name, text] of Object.entries({
    bomb,
    outside,
    empty_doctype: `<!DOCTYPE BusMsg>${body}`,
    entity: body.replace('NASABAH SINTETIS A', '&nbsp;'),
    instruction: `<?php x?>${body}`,
    cdata: body.replace('NASABAH SINTETIS A', '<![CDATA[A]]>'),
    version: `<?xml version="1.1"?>${body}`,
    encoding: `<?xml version="1.0" encoding="ISO-8859-1"?>${body}`,
    twice: body + body,
    open: body.slice(0, -20),
    nothing: '',
  }))
    assert.match(problemOf(text), /not_xml$/, name);
});

test('parseXml() refuses another order, another namespace, a second one of what there is one of, and text between elements', () => {
  const xml = golden('4.1-out-010.json');
  const at = 'BusMsg.Document.FIToFICstmrCdtTrf';
  const swap = xml.replace(/(<DbtrAgt>.*<\/DbtrAgt>)(<CdtrAgt>.*<\/CdtrAgt>)/, '$2$1');
  assert.notEqual(swap, xml);
  assert.equal(problemOf(swap), `${at}.CdtTrfTxInf.DbtrAgt wrong_form`);
  assert.equal(
    problemOf(xml.replace(/(<IntrBkSttlmAmt.*<\/IntrBkSttlmAmt>)/, '$1$1')),
    `${at}.CdtTrfTxInf.IntrBkSttlmAmt wrong_form`,
  );
  assert.equal(
    problemOf(xml.replace('pacs.008.001.08"', 'pacs.008.001.07"')),
    'BusMsg.Document disagrees',
  );
  assert.equal(
    problemOf(xml.replace('<GrpHdr>', '<GrpHdr xmlns="urn:x">')),
    `${at}.GrpHdr wrong_form`,
  );
  assert.equal(problemOf(xml.replace('<GrpHdr>', 'x<GrpHdr>')), `${at} wrong_form`);
  assert.equal(
    problemOf(xml.replace('head.001.001.01', 'head.001.001.02')),
    'BusMsg.AppHdr wrong_form',
  );
  assert.equal(
    problemOf(xml.replace('125000.00<', '125000.0<')),
    `${at}.CdtTrfTxInf[0].IntrBkSttlmAmt.value wrong_form`,
  );
  assert.equal(
    problemOf(xml.replace(' Ccy="IDR"', '')),
    `${at}.CdtTrfTxInf[0].IntrBkSttlmAmt.Ccy wrong_type`,
  );
  const twice = xml.replace(/(<CdtTrfTxInf>.*<\/CdtTrfTxInf>)/, '$1$1');
  assert.equal(problemOf(twice), `${at}.CdtTrfTxInf wrong_form`);
});

test('parseXml() bounds bytes, depth, elements and attributes', () => {
  const xml = golden('4.1-out-010.json');
  const within = (text: string): string => xml.replace('</CdtTrfTxInf>', `${text}</CdtTrfTxInf>`);
  const deep = '<a>'.repeat(40) + '</a>'.repeat(40);
  assert.match(problemOf(within(deep)), /not_xml$/);
  assert.match(problemOf(within('<a/>'.repeat(21_000))), /not_xml$/);
  assert.match(problemOf(within(`<a>${'x'.repeat(1_048_576)}</a>`)), /not_xml$/);
  const many = Array.from({ length: 9 }, (_, i) => ` a${i}="1"`).join('');
  assert.match(problemOf(within(`<a${many}/>`)), /not_xml$/);
});

/** Any bytes, and a message with a part cut out, doubled or replaced. */
const bent = fc
  .tuple(
    message,
    fc.nat(),
    fc.nat(60),
    fc.oneof(fc.string(), fc.constantFrom('<', '>', '&', '"', ']]>', '<a>', '&#0;', '&#xD800;')),
  )
  .map(([given, at, length, text]) => {
    const xml = encodeXml(given).toString();
    const from = at % xml.length;
    return Buffer.from(xml.slice(0, from) + text + xml.slice(from + length));
  });

test('parseXml() answers any bytes with a message or a typed error, never a throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        bent,
        fc.uint8Array(),
        fc.string().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const parsed = parseXml(bytes);
        assert.equal(typeof parsed.ok, 'boolean');
      },
    ),
    { numRuns: 1_500 },
  );
});

test('encodeXml() writes no character that XML cannot carry', () => {
  const parsed = parseMessage(readFileSync(join(FOLDER, '4.1-out-010.json')));
  assert.ok(parsed.ok && parsed.message.kind === 'credit_transfer');
  const given = { ...parsed.message, debtorName: 'A\ud800B\uffff<&">C' };
  const back = parseXml(encodeXml(given));
  assert.ok(back.ok && back.message.kind === 'credit_transfer');
  assert.equal(back.message.debtorName, 'A\ufffdB\ufffd<&">C');
});
