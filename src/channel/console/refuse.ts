import type { FastifyReply } from 'fastify';
import { sendProblem } from '../session/problem.ts';
import { CONSOLE_WORDS, type Language } from './words.ts';

/** Answers with a problem of the console's own, in the reader's language. */
export function refuse(
  reply: FastifyReply,
  of: {
    readonly code: keyof typeof CONSOLE_WORDS;
    readonly language: Language;
    readonly field?: string | undefined;
    readonly extra?: Record<string, unknown>;
  },
): FastifyReply {
  const words = CONSOLE_WORDS[of.code];
  return sendProblem(reply, {
    status: words.status,
    code: of.code,
    ...words[of.language],
    ...(of.field ? { field: of.field } : {}),
    ...of.extra,
  });
}
