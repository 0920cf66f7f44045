/** The BI-FAST hub as a process of its own that a crash test may kill: it keeps its book on disk, and beside it one line for every
 * instruction that ever arrived, written before it is looked at, so that a second arrival is seen whatever died in between. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { startHub } from '../../sim/hub/hub.ts';
import { demoParticipants } from '../../sim/hub/participant.ts';
import { DEMO_BANK } from '../../src/app/bank-profile.ts';
import {
  processFolder,
  readIdentity,
  readPrivateKey,
  readPublicKey,
} from '../../src/app/key-file.ts';
import { openLiveLog } from '../../src/app/live-log.ts';
import { liveNet } from '../../src/app/net-live.ts';
import { portMap } from '../../src/app/port-map.ts';
import { sen } from '../../src/kernel/money.ts';
import { systemRandom } from '../../src/kernel/random.ts';
import { wallTime } from '../../src/kernel/time.ts';
import { listenTls } from '../../src/kernel/wire-tls.ts';
import type { Net } from '../../src/kernel/wire.ts';
import { ARRIVALS_FILE, type HubOrder } from './hub.ts';

const state = process.env['CRASH_STATE']!;
const ports = portMap(Number(process.env['CRASH_PORT']));
const folder = join(processFolder(state, 'sim'), 'hub');
const identity = readIdentity(state, 'sim', 'network');
const live = liveNet({ identity, ports, socketCountMax: 64 });

/** Listens on a port of its own, because a proxy stands where the gateway looks for the hub. */
const net: Net = {
  connect: (target) => live.connect(target),
  listen: ({ handler, admit }) =>
    listenTls({
      identity,
      host: '127.0.0.1',
      port: Number(process.env['CRASH_HUB_PORT']),
      ...(admit && { admit }),
      handler(request) {
        const id = /"BizMsgIdr":"(\d{8}[A-Z]{8}01[01][A-Z]\d{10})","MsgDefIdr":"pacs\.008/.exec(
          request.body.toString('utf8'),
        )?.[1];
        if (id !== undefined) appendFileSync(join(folder, ARRIVALS_FILE), `${id}\n`);
        return handler(request);
      },
    }),
};

const hub = await startHub({
  time: wallTime(),
  net,
  random: systemRandom(),
  log: openLiveLog({ process: 'hub', level: 'info' }),
  messageKey: readPrivateKey(state, 'sim', 'message'),
  bankKeys: { [DEMO_BANK.bic]: readPublicKey(state, 'bank-message') },
  participants: demoParticipants(),
  folder,
});
process.on('disconnect', () => process.exit(0));
process.on('message', (order: HubOrder) => {
  const { account, amountSen, fromBank, noticeCount } = order;
  void hub.sendCredit({
    fromBank,
    toBank: DEMO_BANK.bic,
    debtorAccount: '5550001234',
    creditorAccount: account,
    amountSen: sen(BigInt(amountSen)),
    noticeCount,
  });
});
process.send?.({ kind: 'started' });
