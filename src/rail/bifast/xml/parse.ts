/** Reads a message from untrusted XML: the same typed message that its JSON form gives, or an error with the path of the first bad
 * element. Never throws. */
import { FieldFault } from '../field.ts';
import { parseTree, type ParseResult } from '../parse.ts';
import { readXml } from './read.ts';

/** Parses one message. */
export function parseXml(bytes: Uint8Array): ParseResult {
  try {
    return parseTree(fromSchema(readXml(bytes)));
  } catch (fault) {
    if (!(fault instanceof FieldFault)) throw fault;
    return { ok: false, error: { path: fault.path, problem: fault.problem } };
  }
}

type Tree = Readonly<Record<string, unknown>>;

/** The reverse of what `encode.ts` adds for the schemas: an empty creditor is none, and a party is unwrapped. */
function fromSchema(root: unknown): unknown {
  const { BusMsg } = root as { BusMsg: { AppHdr?: Tree; Document?: Tree } };
  const { AppHdr, Document } = BusMsg;
  if (!Document) return root;
  const credit = Document['FIToFICstmrCdtTrf'] as Tree | undefined;
  if (credit)
    return withDocument({ FIToFICstmrCdtTrf: eachOf(credit, 'CdtTrfTxInf', bareCreditor) });
  const report = Document['FIToFIPmtStsRpt'] as Tree | undefined;
  if (report) return withDocument({ FIToFIPmtStsRpt: eachOf(report, 'TxInfAndSts', unwrapped) });
  return root;

  function withDocument(document: Tree): unknown {
    return { BusMsg: { AppHdr, Document: document } };
  }
}

function eachOf(body: Tree, list: string, change: (one: Tree) => Tree): Tree {
  const all = body[list] as readonly Tree[] | undefined;
  return all ? { ...body, [list]: all.map(change) } : body;
}

function bareCreditor(transaction: Tree): Tree {
  const { Cdtr, ...rest } = transaction;
  const isBare = typeof Cdtr === 'object' && Cdtr !== null && Object.keys(Cdtr).length === 0;
  return isBare ? rest : transaction;
}

function unwrapped(transaction: Tree): Tree {
  const reference = transaction['OrgnlTxRef'] as Tree | undefined;
  const party = (reference?.['Cdtr'] as Tree | undefined)?.['Pty'];
  return party === undefined
    ? transaction
    : { ...transaction, OrgnlTxRef: { ...reference, Cdtr: party } };
}
