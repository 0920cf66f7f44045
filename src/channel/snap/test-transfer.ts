/** What the transfer tests share: good bodies, and the check that a refusal has its own code and moves no money. */
import assert from 'node:assert/strict';
import type { Restriction } from '../../gate/restriction.ts';
import type { TestPartner } from './test-partner.ts';
import { ACCOUNT, type World } from './test-world.ts';

/** Path of service 17. */
export const INTRABANK = '/v1.0/transfer-intrabank';
/** Path of service 18. */
export const INTERBANK = '/v1.0/transfer-interbank';
let lastReference = 0;

/** A good intrabank body under a new reference. */
export function body(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    partnerReferenceNo: `ref-${++lastReference}`,
    amount: { value: '100000.00', currency: 'IDR' },
    beneficiaryAccountNo: ACCOUNT.payee,
    sourceAccountNo: ACCOUNT.payer,
    transactionDate: '2026-08-01T12:00:00+07:00',
    ...change,
  };
}

/** A good interbank body under a new reference. */
export const interbank = (
  change: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> =>
  body({
    beneficiaryBankCode: 'BNINIDJA',
    beneficiaryAccountNo: '0123456789',
    beneficiaryAccountName: 'BUDI',
    ...change,
  });

/** An amount object. */
export const idr = (value: string): unknown => ({ value, currency: 'IDR' });

/** Calls and requires this code, no money moved, and nothing but the two response fields in the answer. */
export async function refuses(
  world: World,
  input: {
    readonly code: string;
    readonly ask: (
      partner: TestPartner,
    ) => Promise<{ code: string; message: string; http: number; body: object }>;
    readonly message?: RegExp;
  },
): Promise<void> {
  const before = await world.money();
  const reply = await input.ask(world.partner);
  assert.equal(reply.code, input.code, reply.message);
  assert.equal(reply.http, Number(input.code.slice(0, 3)));
  assert.deepEqual(Object.keys(reply.body), ['responseCode', 'responseMessage']);
  assert.ok(reply.message.length > 0 && reply.message.length <= 150);
  if (input.message) assert.match(reply.message, input.message);
  assert.equal(await world.money(), before, `${input.code} moved money`);
}

/** A restriction over everything. */
export function restriction(action: Restriction['action']): Restriction {
  return {
    id: 'rst_1',
    scope: {},
    action,
    level: 3,
    reasonClass: 'containment',
    cause: 'D2',
    evidence: [],
    placedBy: 'guard',
    isAutomatic: true,
    madeAtMs: 0,
    reviewAtMs: 0,
    nextUpdateAtMs: 0,
    posture: { kind: 'closed' },
  };
}
