/** `pulih partner`: what the bank's people do with partners of the SNAP API, signed by them and kept with its reason; and the log of
 * requests. Works on the database whether Pulih runs or not; a running core sees a change within five seconds. */
import { existsSync, readFileSync } from 'node:fs';
import { changePartner, type ChangeResult } from '../../channel/snap/partner/change.ts';
import { readRequests, type LoggedRequest } from '../../channel/snap/request-log.ts';
import { openDb, type Db } from '../../db/pool.ts';
import { systemRandom } from '../../kernel/random.ts';
import { wallTime, type Time } from '../../kernel/time.ts';
import { withDatabase } from '../check-data.ts';
import type { Config } from '../config.ts';
import { readRoster } from '../key-file.ts';
import { writeSecret } from '../keys.ts';
import { readChange } from './change.ts';

import { listPartners } from './list.ts';
import { PARTNER_WORDS } from './flag.ts';
import { readSealer } from './seal.ts';
import { openStaffKey } from '../staff-key.ts';
import { UsageError, text, type Typed } from '../verb.ts';

const SECRET_BYTES = 32;
const PARTNER_ID = /^[A-Za-z0-9._-]{1,36}$/;

/** The exit code: 0 done, 1 refused, 2 wrong usage. */
export async function partner(config: Config, typed: Typed): Promise<number> {
  const [verb = '', id = text(typed, 'partner')] = typed.words;
  const asJson = typed.flags['json'] === true;
  const time = wallTime();
  try {
    if (!(PARTNER_WORDS as readonly string[]).includes(verb))
      throw new UsageError(`there is no pulih partner ${verb}`);
    if (verb !== 'list' && (id === undefined || !PARTNER_ID.test(id)))
      throw new UsageError('say which partner: up to 36 letters, digits, dots, dashes');
    const work = { config, typed, time, verb, id: id ?? '', asJson };
    return await withDatabase(config, async (url) => {
      const db = openDb({ url, size: 1, time, name: 'partner' });
      try {
        if (verb === 'list') return await listPartners({ config, db, time, id, asJson });
        if (verb === 'log') return await showLog({ ...work, db });
        return await change({ ...work, db });
      } finally {
        await db.close();
      }
    });
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`Cannot do that: ${error.message} (pulih partner --help)\n`);
    return 2;
  }
}

interface Work {
  readonly config: Config;
  readonly db: Db;
  readonly time: Time;
  readonly typed: Typed;
  readonly verb: string;
  readonly id: string;
  readonly asJson: boolean;
}

async function change(work: Work): Promise<number> {
  const { config, db, time, typed, verb, id } = work;
  const reason = text(typed, 'reason')?.trim();
  const by = text(typed, 'as');
  const second = text(typed, 'with');
  if (!by || !reason) throw new UsageError('--as and --reason are needed');
  const asked = readChange({
    verb,
    id,
    typed,
    nowMs: time.now(),
    read: readGiven,
    secret: () => secretOf(typed),
  });
  const result = await changePartner(
    {
      db,
      time,
      random: systemRandom(),
      sealer: readSealer(config.folder),
      roster: readRoster(config.folder, 'release'),
    },
    {
      partnerId: id,
      change: asked,
      reason,
      by: await openStaffKey({ state: config.folder, person: by, time }),
      second:
        second === undefined
          ? undefined
          : await openStaffKey({ state: config.folder, person: second, time }),
    },
  );
  say(work, result);
  return result.ok ? 0 : 1;
}

function readGiven(path: string): string {
  if (!existsSync(path)) throw new UsageError(`there is no file ${path}`);
  return readFileSync(path, 'utf8');
}

/** The secret of the file, or a new one in it: it is never typed and never shown. */
function secretOf(typed: Typed): string {
  const file = text(typed, 'secret-file');
  if (file === undefined) throw new UsageError('--secret-file is needed');
  if (!existsSync(file))
    writeSecret(file, systemRandom().bytes(SECRET_BYTES).toString('hex'), undefined);
  return readFileSync(file, 'utf8').trim();
}

function say({ verb, id, asJson }: Work, result: ChangeResult): void {
  if (asJson) {
    process.stdout.write(`${JSON.stringify({ partner: id, verb, ...result })}\n`);
    return;
  }
  const key = result.ok && result.keyId !== undefined ? ` (key ${result.keyId})` : '';
  process.stdout.write(
    result.ok && result.isUnchanged
      ? `${verb} ${id}: it stands so already, nothing was written\n`
      : result.ok
        ? `${verb} ${id}: done${key}; every core knows within five seconds\n`
        : `${verb} ${id}: refused, ${refusalOf(verb, result.reason)}\n`,
  );
}

/** What the values of an arrangement must be, by verb. */
const FORMS: Readonly<Record<string, string>> = {
  bind: '--until must lie ahead',
  redirect:
    '--url is https with its path (https://partner.example/), without user or fragment, up to 500 characters',
  endpoint:
    '--url is https without user, query or fragment, up to 300 characters; --client-id up to 64; --channel-id up to 5 letters or digits; the secret 16 to 512 characters',
  'va-service': '--service-id is one to eight digits',
};

function refusalOf(verb: string, reason: keyof typeof REFUSALS): string {
  return (reason === 'bad_arrangement' ? FORMS[verb] : undefined) ?? REFUSALS[reason];
}

const REFUSALS = {
  not_found: 'there is no such partner',
  exists: 'there is one already',
  bad_key:
    'the key is not RSA of 2048 bits or more, the secret is shorter than 32, or the overlap ends before it begins',
  bad_network: 'a network is no CIDR, or a certificate no SHA-256 in hex',
  too_many_keys: 'four keys hold already; revoke one first',
  key_not_found: 'the partner has no such key',
  second_person_needed: 'it gives more than before: a second person must sign (--with)',
  same_person: 'both are one person',
  bad_arrangement: 'a value has not the form that it must have',
  no_account: 'there is no such deposit, or it is closed',
  no_merchant: 'there is no such merchant',
  taken: 'it is another partner’s',
  arranged_otherwise: 'it stands with other values (or ran out): end it first',
  not_arranged: 'nothing of the kind was ever arranged with this partner',
  bad_signature: 'a signature is not of this bank’s roster',
} as const satisfies Record<Extract<ChangeResult, { ok: false }>['reason'], string>;

async function showLog({ db, time, typed, id, asJson }: Work): Promise<number> {
  const fromMs = instantOf(text(typed, 'from'), undefined);
  const toMs = instantOf(text(typed, 'to'), time.now());
  let count = 0;
  for await (const one of readRequests(db, { partnerId: id, fromMs, toMs })) {
    count++;
    process.stdout.write(asJson ? `${JSON.stringify(one)}\n` : `${lineOf(one)}\n`);
  }
  if (!asJson) process.stdout.write(`${count} requests\n`);
  return 0;
}

function instantOf(typed: string | undefined, otherwise: number | undefined): number {
  const atMs = typed === undefined ? (otherwise ?? Number.NaN) : Date.parse(typed);
  if (!Number.isFinite(atMs))
    throw new UsageError('--from takes an instant, 2026-08-01T10:00+07:00');
  return atMs;
}

function lineOf(one: LoggedRequest): string {
  const { at, service, code, ms, address, externalId = '-', isAuthenticated } = one;
  const who = isAuthenticated ? '' : '  NOT AUTHENTICATED';
  const request = one.request === undefined ? '' : `  ${JSON.stringify(one.request)}`;
  return `${at}  ${service}  ${code}  ${String(ms).padStart(5)} ms  ${address}  ${externalId}${who}${request}`;
}
