import {
  parseFeed as parseFeedPage,
  parseStatement as parseStatementPage,
  type FeedPage,
  type Statement,
} from '../settlement-page.ts';
import { parseBizMsgIdr } from './id.ts';

const isId = (value: unknown): boolean => parseBizMsgIdr(value) !== undefined;

/** A feed page of the hub, whose lines name BizMsgIdrs; undefined when it is none. Source: docs/rail/bifast.md section 5. */
export function parseFeed(
  input: Omit<Parameters<typeof parseFeedPage>[0], 'isId'>,
): FeedPage | undefined {
  return parseFeedPage({ ...input, isId });
}

/** The hub's statement of the date that was asked; undefined when it is none. */
export function parseStatement(
  input: Omit<Parameters<typeof parseStatementPage>[0], 'isId'>,
): Statement | undefined {
  return parseStatementPage({ ...input, isId });
}
