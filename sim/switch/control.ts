/** The demo's hand on the switch: `/sim/switch/faults`, `/counters`, `/book`, `/settlement`, `/act`, `/send`. Bodies are JSON and
 * strict. Answers carry no card data. */
import { parseJson } from '../../src/kernel/wire.ts';
import { PLAIN_SETTINGS, type SwitchSettings } from './context.ts';
import { parseFaultRules } from './fault-schema.ts';
import { MAGIC_ACCOUNTS, type FaultRule } from './faults.ts';
import { sendByScript } from './send-script.ts';
import { SWITCH_ACTIONS, type InterbankSwitch } from './switch.ts';

export interface SwitchControlAnswer {
  readonly status: number;
  readonly value: unknown;
}

export interface SwitchChange {
  readonly settings: Partial<SwitchSettings>;
  readonly rules?: readonly FaultRule[];
}

const SKEW_MS_MAX = 86_400_000;
const RATE_MAX = 1_000_000_000;
const PATHS =
  'GET /sim/switch/faults|counters|book|settlement?date=, POST /sim/switch/faults|act|send';

/** Answers one control request; undefined when the path is not the switch's. */
export async function controlSwitch(
  network: InterbankSwitch,
  request: { readonly method: string; readonly path: string; readonly body: string },
): Promise<SwitchControlAnswer | undefined> {
  if (!request.path.startsWith('/sim/switch/')) return undefined;
  const url = new URL(request.path, 'http://sim');
  switch (`${request.method} ${url.pathname.slice('/sim/switch/'.length)}`) {
    case 'GET faults':
      return { status: 200, value: shownFaults(network) };
    case 'POST faults': {
      const change = readChange(parseJson(request.body));
      if (typeof change === 'string') return refused(change);
      network.setSettings(change.settings);
      if (change.rules) network.setRules(change.rules);
      return { status: 200, value: shownFaults(network) };
    }
    case 'GET counters':
      return { status: 200, value: { ...network.counters(), signedOn: network.links() } };
    case 'GET book':
      return { status: 200, value: shownBook(network) };
    case 'GET settlement': {
      const date = url.searchParams.get('date') ?? network.book.date();
      return /^\d{4}-\d\d-\d\d$/.test(date)
        ? { status: 200, value: { date, text: network.settlement(date) } }
        : refused('date: YYYY-MM-DD');
    }
    case 'POST act': {
      const asked = parseJson(request.body) as { action?: unknown; link?: unknown } | undefined;
      const action = SWITCH_ACTIONS.find((one) => one === asked?.action);
      if (!action) return refused(`action: one of ${SWITCH_ACTIONS.join(', ')}`);
      const link = typeof asked?.link === 'string' ? asked.link : undefined;
      return { status: 200, value: { ok: await network.act(action, link) } };
    }
    case 'POST send': {
      const sent = await sendByScript(network, parseJson(request.body));
      return typeof sent === 'string' ? refused(sent) : { status: 200, value: sent };
    }
    default:
      return { status: 404, value: { ok: false, reason: PATHS } };
  }
}

/** The change that a body or a file asks for, or what is wrong with it. `reset: true` first puts all back. */
export function readChange(value: unknown): SwitchChange | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'body: not an object';
  let change: SwitchChange = { settings: {} };
  for (const [key, asked] of Object.entries(value)) {
    const part = readPart(key, asked);
    if (typeof part === 'string') return part;
    change = {
      ...change,
      ...(part.rules && { rules: part.rules }),
      settings: { ...change.settings, ...part.settings },
    };
  }
  return change;
}

function readPart(key: string, asked: unknown): SwitchChange | string {
  if (key === 'reset')
    return asked === true
      ? { settings: PLAIN_SETTINGS, rules: MAGIC_ACCOUNTS }
      : 'reset: only true';
  if (key === 'rules') {
    const parsed = parseFaultRules(asked);
    return parsed.ok ? { settings: {}, rules: parsed.rules } : parsed.reason;
  }
  const wrong = wrongSetting(key, asked);
  if (wrong) return wrong;
  return { settings: { [key]: asked === null ? undefined : asked } };
}

function wrongSetting(key: string, asked: unknown): string | undefined {
  const whole = (from: number, to: number): boolean =>
    Number.isSafeInteger(asked) && Number(asked) >= from && Number(asked) <= to;
  const oneOf = (...words: readonly string[]): string | undefined =>
    words.includes(asked as string) ? undefined : `${key}: ${words.join(' or ')}`;
  switch (key as keyof SwitchSettings) {
    case 'isSilent':
    case 'isDeaf':
      return typeof asked === 'boolean' ? undefined : `${key}: true or false`;
    case 'readBytesPerSecond':
      return asked === null || whole(1, RATE_MAX) ? undefined : `${key}: 1 or more, or null`;
    case 'clockSkewMs':
      return whole(-SKEW_MS_MAX, SKEW_MS_MAX) ? undefined : `${key}: within a day`;
    case 'duplicates':
      return oneOf('code_94', 'first_answer');
    case 'unknownReversal':
      return oneOf('00', '25');
    case 'transferReversal':
      return oneOf('refused', 'taken');
    default:
      return `${key}: unknown`;
  }
}

function shownFaults(network: InterbankSwitch): unknown {
  return { ...network.settings(), rules: network.rules() };
}

function shownBook(network: InterbankSwitch): unknown {
  const summary = Object.entries(network.book.summary()).map(([key, count]) => [
    key,
    { ...count, standsSen: count.standsSen.toString() },
  ]);
  return {
    date: network.book.date(),
    unfinished: network.book.unfinished().length,
    summary: Object.fromEntries(summary),
  };
}

function refused(reason: string): SwitchControlAnswer {
  return { status: 400, value: { ok: false, reason } };
}
