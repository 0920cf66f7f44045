import assert from 'node:assert/strict';
import { test } from 'node:test';
import fastify from 'fastify';
import { SERVICES } from './code.ts';
import { answerSchema } from './document.ts';
import { SERVICE_DOCS } from './service-doc.ts';
import { seedMerchants } from '../../merchant/test-merchant.ts';
import { ACCOUNT, NOON_MS, withSnap } from './test-world.ts';

test('what the bank answers has the form that the document says, for the example of every service', () =>
  withSnap(async ({ partner, db }) => {
    await seedMerchants(db, NOON_MS);
    const forms = fastify({
      ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    });
    for (const code of Object.values(SERVICES))
      forms.post(`/${code}`, { schema: { body: answerSchema(code) } }, async () => 'ok');
    // In the order of the codes, a transfer comes before its status.
    const services = Object.entries(SERVICES).toSorted(([, a], [, b]) => a.localeCompare(b));
    for (const [path, service] of services) {
      const { request } = SERVICE_DOCS[service];
      const own = {
        ...('accountNo' in request && { accountNo: ACCOUNT.payer }),
        ...('terminalId' in request && { merchantId: 'mer_warung' }),
        ...('sourceAccountNo' in request && { sourceAccountNo: ACCOUNT.payer }),
      };
      const reply =
        service === '73'
          ? await partner.token()
          : await partner.call(`/v1.0${path}`, { ...request, ...own });
      assert.equal(reply.code, `200${service}00`, reply.message);
      const told = await forms.inject({ method: 'POST', url: `/${service}`, payload: reply.body });
      assert.equal(told.statusCode, 200, `${service}: ${told.payload}`);
    }
    await forms.close();
  }));
