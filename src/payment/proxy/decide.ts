/** What may be asked about a customer's proxy, and what an answer of the directory makes of it. Pure. */
import type { ProxyOperation, ProxyState } from '../../rail/bifast/proxy-message.ts';

export type ProxyStateName = 'asked' | 'none' | 'active' | 'suspended' | 'ended' | 'moved';

/** What a customer may do in each state. A number that another bank has is taken over, not registered anew. */
export const PROXY_MOVES = {
  asked: [],
  none: ['NEWR', 'PORT'],
  active: ['AMND', 'SUSP', 'DEAC'],
  suspended: ['ACTV', 'DEAC'],
  ended: ['NEWR', 'PORT'],
  moved: ['PORT'],
} as const satisfies Record<ProxyStateName, readonly ProxyOperation[]>;

/** True when the customer may ask for it now. */
export function mayAsk(state: ProxyStateName, operation: ProxyOperation): boolean {
  return (PROXY_MOVES[state] as readonly ProxyOperation[]).includes(operation);
}

/** The state that a carried-out operation leads to. */
export function stateAfter(operation: ProxyOperation, before: ProxyStateName): ProxyStateName {
  switch (operation) {
    case 'NEWR':
    case 'PORT':
    case 'ACTV':
      return 'active';
    case 'SUSP':
      return 'suspended';
    case 'DEAC':
      return 'ended';
    case 'AMND':
      return before;
  }
}

export interface DirectoryWord {
  readonly state: ProxyStateName;
  readonly registrationId?: string;
  readonly account?: string;
}

/** What the directory's list says of a proxy whose last question got no answer. A proxy that is not in the list is not ours: a first
 * registration did not happen, an ended one has. */
export function wordOf(
  states: readonly ProxyState[],
  proxy: { readonly kind: string; readonly value: string; readonly before: ProxyStateName },
): DirectoryWord {
  const found = states.find(
    (one) => one.proxy.type === proxy.kind && one.proxy.value === proxy.value,
  );
  if (!found || found.state === 'ICTV') {
    const isFirst = proxy.before === 'asked' || proxy.before === 'none';
    return { state: isFirst ? 'none' : proxy.before === 'moved' ? 'moved' : 'ended' };
  }
  return {
    state: found.state === 'SUSP' ? 'suspended' : 'active',
    registrationId: found.target.registrationId,
    account: found.target.account.number,
  };
}
