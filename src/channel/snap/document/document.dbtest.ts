/** The document and the channel agree: the example of every service runs, and its answer has the form that the document says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { sql } from '../../../db/sql.ts';
import { registerMerchant } from '../../../direct-debit/make.ts';
import { rupiah } from '../../../kernel/money.ts';
import { systemRandom } from '../../../kernel/random.ts';
import { seedMerchants } from '../../../merchant/test-merchant.ts';
import { registerChannel, registerService } from '../../../virtual-account/make.ts';
import { bindAccount } from '../../grant/bind.ts';
import { makeGrant } from '../../grant/make.ts';
import { SERVICES, type ServiceCode } from '../code.ts';
import { answerSchema } from './document.ts';
import { SERVICE_DOCS } from './service.ts';
import type { Reply } from '../test-partner.ts';
import { makeTestCode, payTestCode, showTestCode } from '../test-sale.ts';
import { ACCOUNT, NOON_MS, REDIRECT, withSnap, type World } from '../test-world.ts';

const PATHS = new Map(Object.entries(SERVICES).map(([path, service]) => [service, path]));
/** What must come before: a transfer before its status and its entry, a bill before its payment, a token before a debit. */
const FIRST: readonly ServiceCode[] = ['73', '17', '27', '24', '25', '74', '01', '54', '55', '58'];
const ORDER = [...FIRST, ...Object.values(SERVICES).filter((service) => !FIRST.includes(service))];

/** Lets partner-a do all that the examples ask; the code for its customer's token. */
async function prepare(world: World): Promise<string> {
  const { db, time } = world;
  const context = { db, time, random: systemRandom() };
  const people = { proposedBy: 'stf_1', approvedBy: 'stf_2' };
  await seedMerchants(db, NOON_MS);
  await bindAccount(context, { ...people, partnerId: 'partner-a', account: ACCOUNT.payer });
  const corporate = { ...people, partnerId: 'partner-b', account: ACCOUNT.poor };
  await registerService(context, { ...corporate, serviceId: '77' });
  await registerChannel(context, { ...people, partnerId: 'partner-a', account: ACCOUNT.payer });
  await registerMerchant(context, { ...people, partnerId: 'partner-a', account: ACCOUNT.payee });
  const { code } = await makeGrant(context, {
    partnerId: 'partner-a',
    partnerName: 'A',
    customerId: 'cus_1',
    scopes: ['debit', 'qris'],
    accounts: [ACCOUNT.payer],
    limits: { perPaymentSen: rupiah(100_000), perDaySen: rupiah(500_000) },
    redirectUrl: REDIRECT,
    days: 30,
    sessionHash: Buffer.alloc(32),
    device: 'test',
    textShown: 'x',
    language: 'id',
  });
  return code;
}

/** The example with the accounts and merchants of the test's bank. */
function exampleOf(service: ServiceCode): Record<string, unknown> {
  const request: Readonly<Record<string, unknown>> = SERVICE_DOCS[service].request;
  return {
    ...request,
    ...('accountNo' in request && { accountNo: ACCOUNT.payer }),
    ...('merchantId' in request && { merchantId: 'mer_warung' }),
    ...('sourceAccountNo' in request && { sourceAccountNo: ACCOUNT.payer }),
    ...((service === '12' || service === '54' || service === '01') && {
      additionalInfo: { accountNo: ACCOUNT.payer },
    }),
  };
}

test('what the bank answers has the form that the document says, for the example of every service', () =>
  withSnap(async (world) => {
    const { partner, other } = world;
    const forms = fastify({
      ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    });
    for (const code of Object.values(SERVICES))
      forms.post(`/${code}`, { schema: { body: answerSchema(code) } }, async () => 'ok');
    const authCode = await prepare(world);
    let token = '';
    let accountToken = '';
    const askFor = (
      service: '01' | '50' | '54',
      change: Record<string, unknown> = {},
    ): Promise<Reply> =>
      partner.call(
        `/v1.0${PATHS.get(service)!}`,
        { ...exampleOf(service), ...change },
        { headers: { 'authorization-customer': `Bearer ${token}`, 'x-device-id': 'phone-1' } },
      );
    const ask = async (service: ServiceCode): Promise<Reply> => {
      const path = `/v1.0${PATHS.get(service)!}`;
      const example = exampleOf(service);
      switch (service) {
        case '73':
          return partner.token();
        case '74': {
          const body = { ...example, authCode, additionalInfo: { redirectUrl: REDIRECT } };
          const reply = await partner.token({ body, path });
          token = String(reply.body['accessToken']);
          return reply;
        }
        case '27':
          return other.call(path, example);
        case '50': {
          const { payload } = await makeTestCode(world, 'q-50');
          const amount = { value: '100000.00', currency: 'IDR' };
          return askFor('50', {
            amount,
            additionalInfo: { qrContent: payload, accountNo: ACCOUNT.payer },
          });
        }
        case '01': {
          const sent = await askFor('01');
          assert.equal(sent.code, '4030113');
          const [row] = await world.db.query<{ params: string }>(
            sql`select params from customer_message where template = 'direct_debit.code_bind'`,
          );
          const { code: otp } = JSON.parse(row!.params) as { readonly code: string };
          const made = await askFor('01', { chargeToken: sent.body['chargeToken'], otp });
          accountToken = String(made.body['bankCardToken']);
          return made;
        }
        case '05':
          return partner.call(path, { ...example, bankCardToken: accountToken });
        case '54':
          return askFor('54');
        case '57': {
          // The example's debit was refunded in part by the example of 58.
          assert.equal((await askFor('54', { partnerReferenceNo: 'd-2' })).code, '2005400');
          return partner.call(path, { ...example, originalPartnerReferenceNo: 'd-2' });
        }
        case '78': {
          // The example's code was called back by the example of 77.
          const { payload } = await makeTestCode(world, 'q-78');
          assert.ok((await payTestCode(world, payload)).ok);
          return partner.call(path, { ...example, originalPartnerReferenceNo: 'q-78' });
        }
        case '62':
        case '80': {
          // The example's code was another bank's, whose word on a refund is to come; our own customer's is given back at once.
          const partnerReferenceNo = `q-${service}`;
          const qrContent = await showTestCode(world);
          const scanned = { ...exampleOf('60'), partnerReferenceNo, qrContent };
          const paid = await partner.call(`/v1.0${PATHS.get('60')!}`, {
            ...scanned,
            amount: { value: '100000.00', currency: 'IDR' },
          });
          assert.equal(paid.code, '2006000', paid.message);
          return partner.call(path, { ...example, originalPartnerReferenceNo: partnerReferenceNo });
        }
        default:
          return partner.call(path, example);
      }
    };
    for (const service of ORDER) {
      const reply = await ask(service);
      assert.equal(reply.code, `200${service}00`, `${service}: ${reply.message}`);
      const told = await forms.inject({ method: 'POST', url: `/${service}`, payload: reply.body });
      assert.equal(told.statusCode, 200, `${service}: ${told.payload}`);
    }
    await forms.close();
  }));
