/** The hub's proxy directory: who registered what, and the proxies of the other banks' customers, which follow from the number
 * alone. Owns the rules of registering; knows no message. Pure but for the map that the book folds into. */
import { createHash } from 'node:crypto';
import { otherAccount } from './people.ts';
import type { DirectoryProxy, ProxyOwner } from './proxy-schema.ts';

export interface DirectoryEntry extends ProxyOwner {
  readonly proxy: DirectoryProxy;
  readonly registrationId: string;
  /** `ended` = was ended here: it does not come back by itself. */
  readonly state: 'active' | 'suspended' | 'blocked' | 'ended';
}

/** By type and value. */
export type Directory = ReadonlyMap<string, DirectoryEntry>;

/** The key of a proxy in the directory. */
export function proxyKey({ type, value }: DirectoryProxy): string {
  return `${type}|${value}`;
}

/** Where a proxy leads: what was registered, else what another bank's customer has. */
export function findProxy(
  directory: Directory,
  input: { readonly proxy: DirectoryProxy; readonly otherBanks: readonly string[] },
): DirectoryEntry | undefined {
  const known = directory.get(proxyKey(input.proxy));
  if (known) return known.state === 'ended' ? undefined : known;
  return otherProxy(input.proxy, input.otherBanks);
}

/** Three of four numbers and addresses of strangers are somebody's: which, follows from the text. Numbers that end in 0804 are nobody's,
 * in 0805 suspended by their owner, in 0811 blocked. */
function otherProxy(
  proxy: DirectoryProxy,
  otherBanks: readonly string[],
): DirectoryEntry | undefined {
  const hash = createHash('sha256')
    .update(`proxy:${proxyKey(proxy)}`)
    .digest();
  const digits = /(\d{4})(@|$)/.exec(proxy.value)?.[1];
  if (otherBanks.length === 0 || digits === '0804') return undefined;
  if (hash[0]! % 4 === 0 && digits !== '0805' && digits !== '0811') return undefined;
  const account = String(1_100_000_000 + (hash.readUInt32BE(4) % 80_000_000));
  const { name, accountType } = otherAccount(account);
  return {
    proxy,
    bank: otherBanks[hash[1]! % otherBanks.length]!,
    account,
    accountType,
    accountName: name,
    displayName: name,
    secondId: `99:${account}`,
    registrationId: `R${String(hash.readUInt32BE(8)).padStart(12, '0')}`,
    state: digits === '0805' ? 'suspended' : digits === '0811' ? 'blocked' : 'active',
  };
}

export type Registered =
  | { readonly code: 'U000'; readonly entry: DirectoryEntry; readonly former?: DirectoryEntry }
  | { readonly code: Exclude<string, 'U000'>; readonly entry?: undefined };

/** What becomes of a registration, as a decision over the entry that is there. */
export function judgeRegistration(input: {
  readonly operation: string;
  readonly proxy: DirectoryProxy;
  readonly owner: ProxyOwner;
  readonly registrationId: string | undefined;
  readonly known: DirectoryEntry | undefined;
  readonly nextRegistrationId: string;
}): Registered {
  const { operation, proxy, owner, known } = input;
  const fresh: DirectoryEntry = {
    ...owner,
    proxy,
    registrationId: input.nextRegistrationId,
    state: 'active',
  };
  if (operation === 'NEWR') {
    if (!known) return { code: 'U000', entry: fresh };
    if (known.bank !== owner.bank) return { code: 'U807' };
    return { code: known.account === owner.account ? 'U808' : 'U815' };
  }
  if (!known) return { code: 'U804' };
  if (known.state === 'blocked') return { code: 'U811' };
  if (operation === 'PORT') {
    if (known.bank === owner.bank) return { code: 'U808' };
    return { code: 'U000', entry: fresh, former: known };
  }
  const isTheirs =
    known.bank === owner.bank &&
    known.secondId === owner.secondId &&
    known.registrationId === input.registrationId;
  if (!isTheirs) return { code: known.bank === owner.bank ? 'U804' : 'U807' };
  const { registrationId } = known;
  switch (operation) {
    case 'AMND':
      return { code: 'U000', entry: { ...fresh, registrationId, state: known.state } };
    case 'SUSP':
      return { code: 'U000', entry: { ...known, state: 'suspended' } };
    case 'ACTV':
      return { code: 'U000', entry: { ...known, state: 'active' } };
    default:
      return { code: 'U000', entry: { ...known, state: 'ended' } };
  }
}

/** The code with which a lookup is answered. */
export function lookupCode(entry: DirectoryEntry | undefined): string {
  if (!entry) return 'U804';
  if (entry.state === 'suspended') return 'U805';
  return entry.state === 'blocked' ? 'U811' : 'U000';
}
