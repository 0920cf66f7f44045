/** Reads XML bytes into the tree that the JSON form spells. Strict and bounded: no document type, no entity but the five of XML, no
 * instruction to a processor, no mixed text, a limit on bytes, depth and elements; the first fault ends it. Amounts stay text.
 * Throws nothing but FieldFault. */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import { FieldFault } from '../field.ts';
import {
  DOCUMENT_SHAPES,
  HEADER_NAMESPACE,
  HEADER_SHAPE,
  namespaceOf,
  type Child,
  type Shape,
} from './shape.ts';

/** As large as the JSON form may be. */
const BYTES_MAX = 1_048_576;
/** The deepest message of ours has 11 levels. */
const DEPTH_MAX = 24;
/** A page of 500 lines has fewer than 15,000. */
const ELEMENTS_MAX = 20_000;
const ATTRIBUTES_MAX = 8;

type Tree = Record<string, unknown>;

interface Frame {
  readonly path: string;
  /** Undefined = an element that we do not know: it and all in it is passed over. */
  readonly shape: Shape | undefined;
  /** Undefined = any. */
  readonly namespace: string | undefined;
  readonly tree: Tree;
  text: string;
  /** Place of the last known child, so that the order of the schema holds. */
  place: number;
}

/** The tree of one message. Throws FieldFault with `not_xml` for what is no XML that we take. */
export function readXml(bytes: Uint8Array): unknown {
  if (bytes.length > BYTES_MAX) throw new FieldFault('', 'not_xml');
  const reader = new Reader();
  const parser = new SaxesParser({ xmlns: true, position: false });
  const refuse = (): never => {
    throw new FieldFault(reader.path(), 'not_xml');
  };
  parser.on('error', refuse);
  parser.on('doctype', refuse);
  parser.on('processinginstruction', refuse);
  parser.on('cdata', refuse);
  parser.on('xmldecl', ({ version, encoding }) => {
    if (version !== '1.0' || (encoding ?? 'UTF-8').toUpperCase() !== 'UTF-8') refuse();
  });
  parser.on('opentag', (tag) => reader.open(tag));
  parser.on('text', (text) => reader.text(text));
  parser.on('closetag', () => reader.close());
  parser.write(decode(bytes)).close();
  return reader.result();
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FieldFault('', 'not_xml');
  }
}

class Reader {
  readonly #stack: Frame[] = [];
  #elementCount = 0;
  #tree: Tree | undefined;
  #header: Tree | undefined;

  path(): string {
    return this.#stack.at(-1)?.path ?? '';
  }

  result(): unknown {
    if (!this.#tree) throw new FieldFault('', 'not_xml');
    return { BusMsg: this.#tree };
  }

  open(tag: SaxesTagNS): void {
    const parent = this.#stack.at(-1);
    const path = parent ? `${parent.path}.${tag.local}` : tag.local;
    this.#elementCount++;
    const isTooMuch =
      this.#stack.length >= DEPTH_MAX ||
      this.#elementCount > ELEMENTS_MAX ||
      Object.keys(tag.attributes).length > ATTRIBUTES_MAX;
    if (isTooMuch) throw new FieldFault(path, 'not_xml');
    const frame = { path, tree: {}, text: '', place: -1 };
    this.#stack.push({ ...frame, ...(parent ? this.#child(parent, tag, path) : this.#root(tag)) });
  }

  #root(tag: SaxesTagNS): Pick<Frame, 'shape' | 'namespace'> {
    if (tag.local !== 'BusMsg' || tag.uri !== '') throw new FieldFault(tag.local, 'wrong_form');
    return { shape: { children: new Map() }, namespace: '' };
  }

  #child(parent: Frame, tag: SaxesTagNS, path: string): Pick<Frame, 'shape' | 'namespace'> {
    if (this.#stack.length === 1) return this.#part(tag, path);
    const { shape, namespace } = parent;
    const isKnowable = shape !== undefined && typeof shape !== 'string';
    const child = isKnowable ? shape.children.get(tag.local) : undefined;
    if (shape === 'text' || shape === 'amount') throw new FieldFault(path, 'wrong_type');
    if (!child) return { shape: undefined, namespace: undefined };
    if (!child.isForeign && namespace !== undefined && tag.uri !== namespace)
      throw new FieldFault(path, 'wrong_form');
    this.#inOrder(parent, child, path);
    if (child.shape === 'amount') parent.tree[tag.local] = { Ccy: tag.attributes['Ccy']?.value };
    return { shape: child.shape, namespace: child.isForeign ? undefined : namespace };
  }

  /** Header and document, each once and in this order. */
  #part(tag: SaxesTagNS, path: string): Pick<Frame, 'shape' | 'namespace'> {
    const bus = this.#stack[0]!; // the caller has looked
    if (tag.local === 'AppHdr' && bus.place === -1 && tag.uri === HEADER_NAMESPACE) {
      bus.place = 0;
      return { shape: HEADER_SHAPE, namespace: HEADER_NAMESPACE };
    }
    const definition = String(this.#header?.['MsgDefIdr']);
    const found = DOCUMENT_SHAPES.get(definition);
    const isDocument = tag.local === 'Document' && bus.place === 0;
    if (!isDocument) throw new FieldFault(path, 'wrong_form');
    if (!found) throw new FieldFault('BusMsg.AppHdr.MsgDefIdr', 'not_supported');
    const namespace = namespaceOf(definition);
    if (tag.uri !== namespace) throw new FieldFault(path, 'disagrees');
    bus.place = 1;
    const [name, shape] = found;
    const only: Child = { place: 0, shape, isList: false, isForeign: false };
    return { shape: { children: new Map([[name, only]]) }, namespace };
  }

  #inOrder(parent: Frame, child: Child, path: string): void {
    const isRepeat = child.place === parent.place;
    if (child.place < parent.place || (isRepeat && !child.isList))
      throw new FieldFault(path, 'wrong_form');
    parent.place = child.place;
  }

  text(text: string): void {
    const frame = this.#stack.at(-1);
    if (frame) frame.text += text;
  }

  close(): void {
    const frame = this.#stack.pop()!; // the parser closes what it opened
    const parent = this.#stack.at(-1);
    const name = frame.path.slice(frame.path.lastIndexOf('.') + 1);
    const { shape } = frame;
    if (!shape) return;
    const isLeaf = shape === 'text' || shape === 'amount';
    if (!isLeaf && frame.text.trim() !== '') throw new FieldFault(frame.path, 'wrong_form');
    if (!parent) {
      this.#tree = frame.tree;
      return;
    }
    if (this.#stack.length === 1 && name === 'AppHdr') this.#header = frame.tree;
    if (shape === 'amount') {
      parent.tree[name] = { ...(parent.tree[name] as Tree), value: frame.text };
      return;
    }
    put(parent, { name, value: isLeaf ? frame.text : frame.tree });
  }
}

function put(
  parent: Frame,
  { name, value }: { readonly name: string; readonly value: unknown },
): void {
  const { shape, tree } = parent;
  const isList = typeof shape === 'object' && shape.children.get(name)?.isList === true;
  if (isList) tree[name] = [...((tree[name] as unknown[] | undefined) ?? []), value];
  else tree[name] = value;
}
