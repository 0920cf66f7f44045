/** Messages about a customer's payments, rendered for their reader when they are read. */
import { renderMessage } from '../../notify/render.ts';
import {
  MESSAGE_TEMPLATES,
  type MessageParams,
  type MessageTemplate,
} from '../../notify/template.ts';
import { sessionOf } from '../session/require.ts';
import type { MobileDeps } from './port.ts';
import type { Scope } from './register.ts';
import { MessagesBody, PageQuery } from './schema.ts';
import { markRead, selectMessages } from './store.ts';

/** As many as the store gives at once. */
const MESSAGE_PAGE = 30;
/** After every instant that a row can have. */
const FOREVER_MS = 8_640_000_000_000_000;

/** Registers reading messages and marking them read. */
export function registerMessages(scope: Scope, deps: MobileDeps): void {
  const { db, time } = deps;

  scope.get(
    '/messages',
    { schema: { querystring: PageQuery, response: { 200: MessagesBody } } },
    async (request) => {
      const { subject, language } = sessionOf(request);
      const before = new Date(request.query.beforeMs ?? FOREVER_MS);
      const rows = await selectMessages(db, { customerId: subject, before });
      const messages = rows
        .filter((row) => (MESSAGE_TEMPLATES as readonly string[]).includes(row.template))
        .map((row) => ({
          id: row.id,
          ...renderMessage(
            row.template as MessageTemplate,
            JSON.parse(row.params) as MessageParams,
            language,
          ),
          atMs: row.made_at.getTime(),
          isRead: row.read_at !== null,
          ...(row.payment_id === null ? {} : { paymentId: row.payment_id }),
          ...(row.template.startsWith('standing_order.') && {
            standingOrderId: (JSON.parse(row.params) as MessageParams).reference,
          }),
        }));
      const last = rows.at(-1);
      return {
        messages,
        ...(rows.length === MESSAGE_PAGE && last ? { nextBeforeMs: last.made_at.getTime() } : {}),
      };
    },
  );

  scope.post('/messages/read', async (request, reply) => {
    await markRead(db, { customerId: sessionOf(request).subject, nowMs: time.now() });
    return reply.code(204).send();
  });
}
