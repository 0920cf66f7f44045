/** The outside world as a process: the BI-FAST hub with its own keys, and a partner whose customers pay now and then and whose server
 * takes the bank's notices. */
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startNoticeServer, type NoticeServer } from '../../sim/customer/notice-server.ts';
import { httpTo } from '../../sim/customer/http.ts';
import { faultRandomOf, NO_FAULTS, readFaultFile, type FaultFile } from '../../sim/fault-file.ts';
import { startSim } from '../../sim/main.ts';
import { parseJson } from '../kernel/wire.ts';
import { DEMO_BANK } from './bank-profile.ts';
import { demoCustomer, TRAFFIC } from './demo-people.ts';
import { processFolder, readIdentity, readPrivateKey, readPublicKey } from './key-file.ts';
import { liveNet } from './net-live.ts';
import { makeFolder } from './place.ts';
import type { Frame, Running } from './process-frame.ts';
import { cashOf } from './sim-cash.ts';
import { simPartnerFile, type SimPartner } from './sim-partner.ts';

const PARTNER_TIMEOUT_MS = 30_000;
const HUB_SOCKET_MAX = 256;

/** Starts it. */
export async function runSim(frame: Frame): Promise<Running> {
  const { name, config, ports, time, random, log } = frame;
  const state = config.folder;
  const net = liveNet({
    identity: readIdentity(state, name, 'network'),
    ports,
    socketCountMax: HUB_SOCKET_MAX,
  });
  const partner = readPartner(state);
  const customers = httpTo({
    host: '127.0.0.1',
    port: ports.of('core-1'),
    timeoutMs: PARTNER_TIMEOUT_MS,
  });
  const faults = readFaults(config.simFaults);
  const notices = await takeNotices({ config, ports, time, log, random, faults });
  const sim = await startSim({
    faults,
    partnerFaults: notices.chooser,
    time,
    net,
    random,
    log,
    messageKey: readPrivateKey(state, name, 'message'),
    bankKeys: { [DEMO_BANK.bic]: readPublicKey(state, 'bank-message') },
    folder: makeFolder(join(processFolder(state, name), 'hub')),
    biller: {
      messageKey: readPrivateKey(state, name, 'biller'),
      bankKeys: { [DEMO_BANK.bic]: readPublicKey(state, 'bank-biller') },
      folder: makeFolder(join(processFolder(state, name), 'biller')),
    },
    controlPort: ports.of('sim:control'),
    cash: cashOf(frame),
    ...(partner && {
      traffic: {
        http: customers.http,
        ownBank: DEMO_BANK.bic,
        accounts: Array.from(
          { length: TRAFFIC.count },
          (_, index) => demoCustomer(TRAFFIC.from + index).account,
        ),
        partner: {
          clientId: partner.clientId,
          partnerId: partner.clientId,
          channelId: '95221',
          privateKey: createPrivateKey(partner.privateKeyPem),
          clientSecret: partner.clientSecret,
          signatureEncoding: 'base64',
        },
      },
    }),
  });
  return {
    vital: {
      isReady: () => true,
      gauges: () => ({
        sim_hub_socket_bytes: Object.values(sim.hub.counters().socketBytes).reduce(
          (all, bytes) => all + bytes,
          0,
        ),
        ...noticeGauges(notices),
      }),
    },
    async stop() {
      await sim.stop();
      await notices.close();
      customers.close();
    },
  };
}

/** The partner's server for the bank's notices. */
function takeNotices({
  config,
  ports,
  time,
  log,
  random,
  faults,
}: Pick<Frame, 'config' | 'ports' | 'time' | 'log' | 'random'> & {
  readonly faults: FaultFile;
}): Promise<NoticeServer> {
  return startNoticeServer({
    time,
    log,
    port: ports.of('sim:partner'),
    bankKey: readPublicKey(config.folder, 'bank-partner'),
    clientId: DEMO_BANK.bic,
    rules: faults.partner,
    faultRandom: faultRandomOf(faults, 'partner', random),
  });
}

/** The fault script that `PULIH_SIM_FAULTS` names; throws when it is none. */
export function readFaults(path: string | undefined): FaultFile {
  if (path === undefined) return NO_FAULTS;
  const file = readFaultFile(parseJson(readFileSync(path, 'utf8')));
  if (typeof file === 'string') throw new Error(`Cannot read ${path}: ${file}`);
  return file;
}

function noticeGauges(notices: NoticeServer): Record<string, number> {
  const { taken, repeated, refused } = notices.counts();
  return {
    sim_partner_notices_taken: taken,
    sim_partner_notices_repeated: repeated,
    sim_partner_notices_refused: refused,
  };
}

function readPartner(state: string): SimPartner | undefined {
  const path = simPartnerFile(state);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as SimPartner) : undefined;
}
