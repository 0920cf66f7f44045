/** The real payment engine for tests of this channel. */
import { silentLog } from '../../kernel/log.ts';
import { openLedger } from '../../ledger/post.ts';
import { openEngine } from '../../payment/engine.ts';
import { openPresented } from '../../presented/open.ts';
import { FakeRail } from '../../payment/test-rail.ts';
import { BANK, type EngineParts, type RealEngine } from './test-world.ts';

/** The real engine on the real ledger; only the rail and the signer are the test's. */
export function openReal(rail: { current?: FakeRail }) {
  return ({ db, time, random, holder }: EngineParts): RealEngine => {
    rail.current = new FakeRail(time);
    const ledger = openLedger({ db, time, random, log: silentLog, bank: BANK });
    const engine = openEngine({
      db,
      ledger,
      rail: rail.current,
      gate: holder,
      time,
      random,
      log: silentLog,
      bank: BANK,
      env: 'drill',
      audience: 'gateway-1',
      partyKey: Buffer.alloc(32, 7),
      settings: {},
      sign: async (jtis) => ({
        tokens: Object.fromEntries(jtis.map((jti) => [jti, `token:${jti}`])),
        refused: {},
      }),
    });
    const presented = openPresented({
      db,
      ledger,
      gate: holder,
      time,
      random,
      log: silentLog,
      bank: BANK,
      partyKey: Buffer.alloc(32, 7),
      settings: {},
    });
    return {
      engine,
      presented,
      async stop() {
        await engine.stop();
        await ledger.stop();
      },
    };
  };
}
