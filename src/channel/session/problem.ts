/** RFC 9457 answers of the mobile and console APIs: what happened, which field, which rule, the way out. No internals. */
import type { FastifyReply } from 'fastify';

/** `code` is stable and documented; the texts are in the reader's language. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail?: string;
  readonly field?: string;
  readonly rule?: string;
  readonly wayOut?: string;
  readonly [extra: string]: unknown;
}

/** Answers with `problem`. Shape: `application/problem+json`, never cached; `type` is a URN of the code. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .header('cache-control', 'no-store')
    .type('application/problem+json')
    .send(JSON.stringify({ type: `urn:pulih:problem:${problem.code}`, ...problem }));
}
