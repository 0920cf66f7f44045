/** The demo's hand on the switch: `/sim/switch/faults`, `/counters`, `/book`, `/settlement`, `/act`, `/send`, `/show`, `/load`, `/traffic`. Bodies are JSON and
 * strict. Answers carry no card data. */
import { parseJson } from '../../src/kernel/wire.ts';
import { readScript, SWITCH_ACTIONS } from './script.ts';
import type { LoadScript } from './load-script.ts';
import { sendByScript } from './send-script.ts';
import type { InterbankSwitch } from './switch.ts';

export interface SwitchControlAnswer {
  readonly status: number;
  readonly value: unknown;
}

const PATHS =
  'GET /sim/switch/faults|counters|book|settlement?date=, POST /sim/switch/faults|act|send|show|load|traffic';

/** Answers one control request; undefined when the path is not the switch's. */
export async function controlSwitch(
  parts: {
    readonly network: InterbankSwitch;
    readonly load: LoadScript;
    /** Starts gentle traffic in place of what goes on; text = what is wrong with the body. */
    readonly traffic: (value: unknown) => string | undefined;
  },
  request: { readonly method: string; readonly path: string; readonly body: string },
): Promise<SwitchControlAnswer | undefined> {
  if (!request.path.startsWith('/sim/switch/')) return undefined;
  const { network } = parts;
  const url = new URL(request.path, 'http://sim');
  switch (`${request.method} ${url.pathname.slice('/sim/switch/'.length)}`) {
    case 'GET faults':
      return { status: 200, value: shownFaults(network) };
    case 'POST faults': {
      const script = readScript(parseJson(request.body));
      if (typeof script === 'string') return refused(script);
      network.play(script);
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
    case 'POST show': {
      const asked = parseJson(request.body) as { bank?: unknown } | undefined;
      const peer = network.peers.find(({ code }) => code === asked?.bank);
      return peer
        ? { status: 200, value: { payload: network.show({ bank: peer.code }) } }
        : refused('bank: not behind the switch');
    }
    case 'POST load': {
      const run = await parts.load(parseJson(request.body));
      return typeof run === 'string' ? refused(run) : { status: 200, value: run };
    }
    case 'POST traffic': {
      const wrong = parts.traffic(parseJson(request.body));
      return wrong === undefined ? { status: 200, value: { ok: true } } : refused(wrong);
    }
    default:
      return { status: 404, value: { ok: false, reason: PATHS } };
  }
}

function shownFaults(network: InterbankSwitch): unknown {
  return { ...network.settings(), rules: network.chooser.rules() };
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
