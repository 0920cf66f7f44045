/** What was typed after `pulih partner` as a change of a partner. Pure but for the files that it is handed a reader for. */
import type { PartnerChange } from '../../channel/snap/partner/change.ts';
import { HOLDS_BACK_MS } from '../../channel/snap/partner/partner.ts';
import { rupiah } from '../../kernel/money.ts';
import { isArrangementVerb, readArrangement } from './arrange.ts';
import { bounded, count, list, money, needed, oneOf } from './flag.ts';
import { UsageError, text, type Typed } from '../verb.ts';

const OVERLAP_HOURS = 168;
const HOUR_MS = 3_600_000;
const DEFAULT_CEILING = rupiah(50_000_000);

interface Asked {
  readonly verb: string;
  readonly id: string;
  readonly typed: Typed;
  readonly nowMs: number;
  /** A file's text. */
  readonly read: (path: string) => string;
  /** The client secret of `--secret-file`. */
  readonly secret: () => string;
}

/** Reads it. Throws UsageError. */
export function readChange(asked: Asked): PartnerChange {
  const { verb, typed } = asked;
  if (isArrangementVerb(verb)) return readArrangement({ ...asked, verb });
  switch (verb) {
    case 'add':
      return readAdd(asked);
    case 'rotate':
      return readRotate(asked);
    case 'revoke':
      return { kind: 'revoke', keyId: needed(typed, 'key') };
    case 'suspend':
      return { kind: 'state', state: 'suspended' };
    case 'resume':
      return { kind: 'state', state: 'active' };
    case 'allow':
      // Both lists are said whole: what is not named is taken away, and nothing goes by being forgotten.
      return {
        kind: 'allow',
        networks: list(needed(typed, 'networks')),
        certificates: list(needed(typed, 'certificates')).map((one) => one.toLowerCase()),
      };
    case 'limit':
      return readLimit(typed);
    default:
      throw new UsageError(`there is no partner ${verb}`);
  }
}

function readAdd({ id, typed, read, secret }: Asked): PartnerChange {
  const signatureKind = oneOf(typed, 'kind', ['symmetric', 'asymmetric'] as const);
  const day = dayOf(typed);
  const perSecond = bounded(typed, 'per-second');
  return {
    kind: 'add',
    draft: {
      id,
      name: needed(typed, 'name'),
      publicKeyPem: read(needed(typed, 'public-key')),
      ...(signatureKind === 'symmetric' && { secret: secret() }),
      signatureKind,
      hmacEncoding: oneOf(typed, 'encoding', ['base64', 'hex'] as const),
      amountMaxSen: money(typed, 'ceiling') ?? DEFAULT_CEILING,
      ...(typeof day.dailyAmountMaxSen === 'bigint' && {
        dailyAmountMaxSen: day.dailyAmountMaxSen,
      }),
      ...(typeof day.dailyCountMax === 'bigint' && { dailyCountMax: day.dailyCountMax }),
      sourceAccounts: list(needed(typed, 'accounts')),
      channelIds: list(text(typed, 'channels') ?? ''),
      networks: list(text(typed, 'networks') ?? ''),
      certificates: list(text(typed, 'certificates') ?? '').map((one) => one.toLowerCase()),
      ...(perSecond !== undefined && { requestsPerSecondMax: perSecond }),
    },
  };
}

function readRotate({ typed, nowMs, read, secret }: Asked): PartnerChange {
  const file = text(typed, 'public-key');
  if ((file === undefined) === (text(typed, 'secret-file') === undefined))
    throw new UsageError('rotate takes --public-key or --secret-file');
  const from = text(typed, 'from');
  const sinceMs = from === undefined ? nowMs : Date.parse(from);
  if (!Number.isFinite(sinceMs)) throw new UsageError('--from takes an instant');
  const hours = bounded(typed, 'overlap') ?? OVERLAP_HOURS;
  return {
    kind: 'rotate',
    key: file === undefined ? 'secret' : 'public',
    text: file === undefined ? secret() : read(file),
    fromMs: from === undefined ? nowMs - HOLDS_BACK_MS : sinceMs,
    oldUntilMs: sinceMs + hours * HOUR_MS,
  };
}

function readLimit(typed: Typed): PartnerChange {
  const group = text(typed, 'group');
  if (group === undefined) {
    const amountMaxSen = money(typed, 'ceiling');
    const perSecond = bounded(typed, 'per-second');
    const change = {
      kind: 'ceiling',
      ...(amountMaxSen !== undefined && { amountMaxSen }),
      ...(perSecond !== undefined && { requestsPerSecondMax: perSecond }),
      ...dayOf(typed),
    } as const;
    if (Object.keys(change).length === 1) throw new UsageError('say what to limit');
    return change;
  }
  // A group's limits are said whole, like a list.
  return {
    kind: 'limit',
    group: {
      service_group: oneOf(typed, 'group', ['token', 'inquiry', 'payment'] as const),
      per_second_max: count(typed, 'per-second') ?? null,
      per_minute_max: count(typed, 'per-minute') ?? null,
      concurrent_max: count(typed, 'concurrent') ?? null,
    },
  };
}

function dayOf(typed: Typed): {
  readonly dailyAmountMaxSen?: bigint | null;
  readonly dailyCountMax?: bigint | null;
} {
  const amount = text(typed, 'daily-amount') === 'none' ? null : money(typed, 'daily-amount');
  const many = count(typed, 'daily-count');
  return {
    ...(amount !== undefined && { dailyAmountMaxSen: amount }),
    ...(many !== undefined && { dailyCountMax: many === null ? null : BigInt(many) }),
  };
}
