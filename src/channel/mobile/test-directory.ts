/** A directory of proxies for tests: what was registered is found; it falls silent, or refuses, when told. */
import type { ProxyState } from '../../rail/bifast/proxy-message.ts';
import { proxyText } from '../../rail/bifast/proxy.ts';
import type { ProxyRail } from '../../rail/proxy-wire.ts';

export interface TestDirectory extends ProxyRail {
  /** By `01:6281…`. */
  readonly entries: Map<string, ProxyState & { readonly owner: string }>;
  readonly lookups: string[];
  /** No answer to any question; `after` = a registration is carried out all the same. */
  silence: 'none' | 'before' | 'after';
  /** Refuses registrations with this code. */
  refusal: string | undefined;
}

/** Somebody at another bank. */
export const OTHER_PROXY = { type: '01', value: '6285511112222' } as const;

/** Makes one, with a stranger in it. */
export function testDirectory(): TestDirectory {
  let count = 0;
  const directory: TestDirectory = {
    entries: new Map(),
    lookups: [],
    silence: 'none',
    refusal: undefined,
    async lookUp({ proxy }) {
      directory.lookups.push(proxyText(proxy));
      if (directory.silence !== 'none') return { found: 'unknown', reason: 'no_answer' };
      const entry = directory.entries.get(proxyText(proxy));
      if (entry?.state === 'SUSP') return { found: false, code: 'U805' };
      return entry?.state === 'ACTV'
        ? { found: true, target: entry.target }
        : { found: false, code: 'U804' };
    },
    async register({ operation, proxy, displayName, account, secondId }) {
      if (directory.silence === 'before') return { outcome: 'unknown', reason: 'no_answer' };
      if (directory.refusal) return { outcome: 'refused', code: directory.refusal };
      const registrationId = `R${String(++count).padStart(12, '0')}`;
      const target = { registrationId, displayName, bank: 'PULHIDJA', account };
      const state = operation === 'SUSP' ? 'SUSP' : operation === 'DEAC' ? 'ICTV' : 'ACTV';
      directory.entries.set(proxyText(proxy), { proxy, target, state, owner: secondId.value });
      return directory.silence === 'after'
        ? { outcome: 'unknown', reason: 'no_answer' }
        : { outcome: 'done', registrationId };
    },
    async enquire(secondId) {
      if (directory.silence !== 'none') return { known: false, reason: 'no_answer' };
      const states = [...directory.entries.values()].filter(
        ({ owner }) => owner === secondId.value,
      );
      return { known: true, states };
    },
  };
  const name = 'SITI RAHAYU';
  directory.entries.set(proxyText(OTHER_PROXY), {
    proxy: OTHER_PROXY,
    target: {
      registrationId: 'R000000009999',
      displayName: name,
      bank: 'BNINIDJA',
      account: { number: '1107006005', type: 'SVGS', name },
    },
    state: 'ACTV',
    owner: 'stranger',
  });
  return directory;
}
