/** Every act of staff leaves an event, and the guard reads it: the routes of the console and the commands, read from the sources. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { VERBS } from '../src/app/verbs.ts';
import { seeEvent } from '../src/guard/flow/seen.ts';

const ROOT = resolve(import.meta.dirname, '..');

/** What each act of a member of staff leaves; a text says why there is nothing to leave. */
const ROUTES: Readonly<Record<string, readonly string[] | string>> = {
  'post /session': ['session.opened'],
  'delete /session': ['session.closed'],
  'put /session/language': 'the language of one reader',
  'post /preview': 'looks only',
  'post /stops': ['stop.asked'],
  'post /releases': ['release.proposed'],
  'post /releases/:id/approve': ['release.approved'],
  'post /releases/:id/withdraw': ['release.withdrawn'],
  'post /withheld/release': ['payment.review_decided'],
  'post /withheld/refuse': ['payment.review_decided'],
  'post /risk/block': ['blocked_party.placed'],
  'post /risk/lift': ['blocked_party.lift_asked', 'blocked_party.lifted'],
  'post /merchant-requests': ['merchant.open_asked'],
  'post /merchants/:id/close': ['merchant.close_asked'],
  'post /merchants/:id/refunds': ['merchant.refund_asked', 'merchant.refund_approved'],
  'post /merchant-requests/:id/approve': [
    'merchant.open_approved',
    'merchant.opened',
    'merchant.closed',
    'merchant.refund_approved',
  ],
  'post /merchant-requests/:id/withdraw': ['merchant.request_withdrawn'],
  'post /breaks/:id/take': ['break.taken'],
  'post /breaks/:id/notes': ['break.noted'],
  'post /breaks/:id/proposals': ['break.proposed'],
  'post /proposals/:id/approve': ['break.ended'],
  'post /proposals/:id/withdraw': ['break.proposal_withdrawn'],
  'post /treasury': ['treasury.proposed'],
  'post /treasury/:id/approve': ['treasury.posted'],
  'post /treasury/:id/withdraw': ['treasury.entry_withdrawn'],
  'post /external-alarms': ['external_alarm.raised'],
  'post /incidents/:id/closing': ['incident.closing_asked'],
  'post /incidents/:id/closing/agree': ['incident.closed'],
  'post /external-alarms/:id/acknowledge': ['external_alarm.acknowledged'],
};

/** The same of the commands. The gateway's own are in its journal, which the guard copies. */
const COMMANDS: Readonly<Record<string, readonly string[] | string>> = {
  stop: 'the gateway journals it (latched)',
  open: 'the gateway journals it (opened)',
  release: ['release.proposed', 'release.approved', 'release.withdrawn'],
  hsm: 'the HSM keeps its own log; keys of partners are `partner`',
  notice: ['partner_notice.requeued'],
  partner: ['partner.changed', 'partner_key.changed', 'partner_limit.changed'],
};

/** They change nothing that protects, or run before anything does. */
const HARMLESS = new Set([
  'up',
  'serve',
  'ps',
  'migrate',
  'seed',
  'verify',
  'archive',
  // `snap check` asks a sandbox.
  'snap',
  'qris',
  'localise',
  'drill',
  'replay',
  'bench',
  'test',
  'report',
  'help',
]);

const sources = globSync('src/**/*.ts', { cwd: ROOT })
  .filter((path) => !/\.(test|dbtest|slowtest)\.ts$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
const migrations = globSync('db/migrations/*.sql', { cwd: ROOT })
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('\n');

test('every route of the console by which staff act stands in the table of events', () => {
  const routes = sources
    .filter(({ path }) => path.startsWith('src/channel/console/'))
    .flatMap(({ text }) => [...text.matchAll(/\.(post|put|delete|patch)\(\s*'([^']+)'/g)])
    .map(([, method, path]) => `${method} ${path}`);
  assert.deepEqual(routes.toSorted(), Object.keys(ROUTES).toSorted());
});

test('every command that changes something stands in the table of events', () => {
  const names = VERBS.map(({ name }) => name).filter((name) => !HARMLESS.has(name));
  assert.deepEqual(names.toSorted(), Object.keys(COMMANDS).toSorted());
});

test('T16 every event that an act of staff leaves is written somewhere, and the guard reads it as what it is', () => {
  const kinds = [...Object.values(ROUTES), ...Object.values(COMMANDS)].flatMap((leaves) =>
    typeof leaves === 'string' ? [] : leaves,
  );
  for (const kind of new Set(kinds)) {
    const [family, name] = kind.split('.');
    const isWritten =
      migrations.includes(`'${kind}'`) ||
      sources.some(
        ({ path, text }) =>
          !path.startsWith('src/guard/flow/') &&
          (text.includes(`'${kind}'`) ||
            ((family === 'payment' || text.includes(`\`${family}.`)) &&
              text.includes(`'${name}'`))),
      );
    assert.ok(isWritten, `${kind} is written`);
    const seen = seeEvent({
      id: 0n,
      xid: 0n,
      atMs: 1,
      kind,
      subject: 'x',
      data: { by: 'stf_1', paymentKind: 'bifast_out' },
    });
    assert.notEqual(seen.kind, 'event', `${kind} is read`);
  }
});
