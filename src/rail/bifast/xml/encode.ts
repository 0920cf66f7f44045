/** Writes a message as XML: header and document in their namespaces, elements in the order of the schemas. Pure. */
import { assert } from '../../../kernel/assert.ts';
import { messageTree } from '../encode.ts';
import type { BifastMessage } from '../message.ts';
import {
  DOCUMENT_SHAPES,
  HEADER_NAMESPACE,
  HEADER_SHAPE,
  namespaceOf,
  SUPPLEMENT_NAMESPACE,
  type Child,
  type Sequence,
  type Shape,
} from './shape.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The bytes that are signed and sent, as XML. */
export function encodeXml(message: BifastMessage): Buffer {
  const { AppHdr, Document } = messageTree(message)['BusMsg'] as { AppHdr: Tree; Document: Tree };
  const definition = String(AppHdr['MsgDefIdr']);
  const found = DOCUMENT_SHAPES.get(definition);
  assert(found, `message ${definition} has a shape`);
  const [element, shape] = found;
  const body = forSchema(definition, Document[element] as Tree);
  const header = `<AppHdr xmlns="${HEADER_NAMESPACE}">${inner(HEADER_SHAPE, AppHdr)}</AppHdr>`;
  const document = `<Document xmlns="${namespaceOf(definition)}"><${element}>${inner(shape, body)}</${element}></Document>`;
  return Buffer.from(
    `<?xml version="1.0" encoding="UTF-8"?>\n<BusMsg>${header}${document}</BusMsg>\n`,
  );
}

/** Where the schema wants more than the JSON form says: a creditor in every pacs.008, and a party inside a reference's creditor. */
function forSchema(definition: string, body: Tree): Tree {
  if (definition === 'pacs.008.001.08') {
    const all = body['CdtTrfTxInf'] as readonly Tree[];
    return { ...body, CdtTrfTxInf: all.map((transaction) => ({ Cdtr: {}, ...transaction })) };
  }
  if (definition !== 'pacs.002.001.10') return body;
  return { ...body, TxInfAndSts: (body['TxInfAndSts'] as readonly Tree[]).map(withParty) };
}

function withParty(transaction: Tree): Tree {
  const reference = transaction['OrgnlTxRef'] as Tree | undefined;
  if (!reference || !('Cdtr' in reference)) return transaction;
  return { ...transaction, OrgnlTxRef: { ...reference, Cdtr: { Pty: reference['Cdtr'] } } };
}

function inner(shape: Sequence, tree: Tree): string {
  for (const name of Object.keys(tree))
    assert(shape.children.has(name), `element ${name} has a place`);
  return [...shape.children]
    .filter(([name]) => name in tree)
    .map(([name, child]) => elements(name, child, tree[name]))
    .join('');
}

function elements(name: string, child: Child, value: unknown): string {
  const all: readonly unknown[] = child.isList ? (value as readonly unknown[]) : [value];
  return all.map((one) => element(name, child, one)).join('');
}

function element(name: string, { shape, isForeign }: Child, value: unknown): string {
  const space = isForeign ? ` xmlns="${SUPPLEMENT_NAMESPACE}"` : '';
  return `<${name}${space}${attributes(shape, value)}>${content(shape, value)}</${name}>`;
}

function attributes(shape: Shape, value: unknown): string {
  return shape === 'amount' ? ` Ccy="${escape((value as Tree)['Ccy'])}"` : '';
}

function content(shape: Shape, value: unknown): string {
  if (shape === 'text') return escape(value);
  return shape === 'amount' ? escape((value as Tree)['value']) : inner(shape, value as Tree);
}

const ESCAPED: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
/** What XML 1.0 cannot carry in any spelling becomes the replacement character, as a decoder would make of it. */
const UNSAYABLE = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

function escape(value: unknown): string {
  return String(value)
    .replaceAll(UNSAYABLE, '\u{fffd}')
    .replaceAll(/[&<>"]/g, (mark) => ESCAPED[mark]!); // the class has no other
}
