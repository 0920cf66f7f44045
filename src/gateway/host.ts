/** One rail inside a gateway, behind one interface: what the common part asks of it, and what it is given. Journal, burn, void,
 * recall, door, latches and quarantine are common and know no rail; wire, timers, ids, caps and network sides are the host's.
 * A gateway without a rail's host keeps that rail closed. */
import type { FileFault } from '../rail/journal-entry.ts';
import type { NetworkIds } from '../authorisation/form.ts';
import type { Instruction, RailName } from '../authorisation/instruction.ts';
import type { Net } from '../kernel/wire.ts';
import type { PortalRequest, RailAnswer } from '../rail/contract.ts';
import type { BillAnswer, EnquiryAnswer } from '../rail/gateway-wire.ts';
import type { SettlementLine } from '../rail/notice.ts';
import type { ProxyReply } from '../rail/proxy-wire.ts';
import type { GatewayContext } from './context.ts';
import type { Forwarder } from './forward.ts';

/** What the gateway holds every instruction of a rail to, without asking anybody. Pure. */
export interface RailRules {
  /** Scheme caps on one payment. */
  readonly amountSenMin: bigint;
  readonly amountSenMax: bigint;
  /** The WIB day (`yyyyMMdd`) on which these ids were issued to us; undefined when they are no ids of ours. */
  dayOf(ids: NetworkIds): string | undefined;
  /** True when the instruction is ours to send and agrees with its ids. */
  isOurs(instruction: Instruction): boolean;
}

/** Where a rail's settlement comes from; undefined answers are "nobody answered, or not to be believed". */
export interface SettlementSource {
  feed(after: string): Promise<
    | {
        readonly cursor: string;
        readonly lines: readonly SettlementLine[];
      }
    | undefined
  >;
  statement(businessDate: string): Promise<
    | {
        readonly isComplete: boolean;
        readonly lines: readonly SettlementLine[];
      }
    | undefined
  >;
  /** What was found wrong with whole files since it was asked last. */
  takeFaults?(): readonly DatedFault[];
}

/** The fault of a date's file. */
export interface DatedFault {
  readonly businessDate: string;
  readonly fault: FileFault;
}

export interface RailHost {
  readonly rail: RailName;
  readonly rules: RailRules;
  /** False while the network would not take anything from us (not signed on): then nothing is burned and core comes again. Absent =
   * always ready. */
  readonly isReady?: () => boolean;
  /** Takes leave of the network in good order; a killed process does not. */
  readonly close?: () => Promise<void>;
  /** Hands a burned instruction to the network, once. A throw is `unknown`. */
  send(instruction: Instruction): Promise<RailAnswer>;
  /** Asks the network for the state of what was sent under these ids; `instruction` is the burned one, where core gave it. */
  inquire(
    ids: NetworkIds,
    instruction: Instruction | undefined,
  ): Promise<RailAnswer | { readonly outcome: 'not_reached'; readonly reason: string }>;
  /** Asks who is at the other end; no money. The body is core's, untrusted. Absent where there are no accounts. */
  readonly enquire?: (body: Readonly<Record<string, unknown>>) => Promise<EnquiryAnswer>;
  /** Asks what is owed; no money. The body is core's, untrusted. Absent where there are no bills. */
  readonly enquireBill?: (body: Readonly<Record<string, unknown>>) => Promise<BillAnswer>;
  /** True where a final acceptance comes with a receipt: one without is asked about again. */
  readonly givesReceipts?: true;
  /** Asks the network's directory of proxies. The body is core's, untrusted. Absent where there is none. */
  readonly askProxy?: (body: Readonly<Record<string, unknown>>) => Promise<ProxyReply>;
  readonly settlement: SettlementSource;
  /** Absent where the network has no such portal; then the guard is told so. */
  readonly control?: {
    /** Whom our own outbound is closed for. */
    readonly target: string;
    ask(request: PortalRequest): Promise<boolean>;
  };
  /** Its own network side, and what it must repeat while it lives (sign-on, echo). */
  listen(): Promise<readonly Closing[]>;
  readonly loops: readonly RailLoop[];
}

export interface Closing {
  close(): Promise<void>;
  /** Ends it as the death of the process would, where that differs. */
  abandon?(): void;
}

/** Work that a rail repeats; `isFirstAtOnce` = also at the start. A throw is logged and nothing else stops. */
export interface RailLoop {
  readonly name: string;
  readonly everyMs: number;
  readonly isFirstAtOnce: boolean;
  run(): Promise<void>;
}

/** What a host is given: the common parts, the way to core, and the net of its own network where that is another one. */
export interface RailGround {
  readonly context: GatewayContext;
  readonly forwarder: Forwarder;
  readonly net: Net;
}

/** Makes one rail's host; the composition passes one per configured rail. */
export type RailOpener = (ground: RailGround) => RailHost;

/** The hosts of a gateway by name. Throws when two say that they are the same rail. */
export function openHosts(
  openers: readonly RailOpener[],
  ground: RailGround,
): ReadonlyMap<RailName, RailHost> {
  const hosts = new Map<RailName, RailHost>();
  for (const open of openers) {
    const host = open(ground);
    if (hosts.has(host.rail)) throw new Error(`Cannot host a rail twice: ${host.rail}`);
    hosts.set(host.rail, host);
  }
  return hosts;
}
