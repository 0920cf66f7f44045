/** What the hub says of itself and of our settlement account: asked for again and again and handed to core. Nothing of it is in the
 * journal: it moves no money, and the next answer replaces the last. */
import { localMs, participantWord, type SystemEvent } from '../../rail/bifast/event.ts';
import type { ProxyNotice } from '../../rail/bifast/proxy-message.ts';
import type { AccountReport, BalanceKind } from '../../rail/bifast/report.ts';
import type { NoticeAnswer, ParticipantsNotice, PositionNotice } from '../../rail/notice.ts';
import type { Forwarder } from '../forward.ts';
import type { BifastContext } from './host.ts';

/** Asks who is open and tells core. True when core has taken it. */
export async function passParticipants(
  { connector }: Pick<BifastContext, 'connector'>,
  forwarder: Pick<Forwarder, 'deliver'>,
): Promise<boolean> {
  const list = await connector.participants();
  if (!list) return false;
  const notice: ParticipantsNotice = {
    kind: 'participants',
    rail: 'bifast',
    isWhole: true,
    ...list,
  };
  return (await forwarder.deliver(notice))?.taken === true;
}

/** Asks what lies on our settlement account and tells core. True when core has taken it. */
export async function passPosition(
  { connector }: Pick<BifastContext, 'connector'>,
  forwarder: Pick<Forwarder, 'deliver'>,
): Promise<boolean> {
  const report = await connector.position();
  const notice = report && positionNotice(report);
  return notice !== undefined && (await forwarder.deliver(notice))?.taken === true;
}

/** The three balances of a position; undefined when one is missing. */
export function positionNotice(report: AccountReport): PositionNotice | undefined {
  const of = (kind: BalanceKind): string | undefined =>
    report.balances.find((balance) => balance.kind === kind)?.amountSen.toString();
  const [openingSen, bookedSen, freeSen] = [of('OPBD'), of('ITBD'), of('ITAV')];
  if (openingSen === undefined || bookedSen === undefined || freeSen === undefined)
    return undefined;
  const madeAtMs = localMs(report.madeAt);
  return { kind: 'position', rail: 'bifast', madeAtMs, openingSen, bookedSen, freeSen };
}

/** Passes a system event on; undefined = core has not taken it, and the hub is to say it again. An event that says nothing about a
 * participant is heard and does nothing. */
export async function passEvent(
  forwarder: Pick<Forwarder, 'deliver'>,
  event: SystemEvent,
): Promise<NoticeAnswer | undefined> {
  const word = participantWord(event);
  if (!word) return { taken: true };
  const changedAtMs = localMs(event.happenedAt);
  return forwarder.deliver({
    kind: 'participants',
    rail: 'bifast',
    madeAtMs: changedAtMs,
    isWhole: false,
    banks: [{ ...word, changedAtMs }],
  });
}

/** Passes on that a proxy of a customer of ours leads elsewhere now; undefined = core has not taken it. */
export async function passMoved(
  forwarder: Pick<Forwarder, 'deliver'>,
  { proxy, registrationId, bank }: ProxyNotice,
): Promise<NoticeAnswer | undefined> {
  return forwarder.deliver({
    kind: 'proxy_moved',
    rail: 'bifast',
    proxyType: proxy.type,
    proxyValue: proxy.value,
    registrationId,
    bank,
  });
}
