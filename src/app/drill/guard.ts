import type { KeyObject } from 'node:crypto';
import { signSet } from '../../gate/set.ts';
export async function startDrillGuard(i: any): Promise<{ stop(): Promise<void> }> {
  const signed = signSet(i.setKey as KeyObject, { version: 1, epoch: 1, madeAtMs: i.time.now(), restrictions: [], releases: [] });
  const t = i.time.every(500, async () => {
    for (const n of ['core-1', 'core-2', 'gateway-1']) await i.net.connect(n).call({ path: '/set', body: JSON.stringify(signed), timeoutMs: 1000 });
    await i.net.connect('gateway-1').call({ method: 'GET', path: '/journal?after=0&limit=10', timeoutMs: 1000 });
  }, (e: any) => console.log(e));
  return { stop: () => t.stop() };
}
