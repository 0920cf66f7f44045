/** What a machine of ours may offer for a card, asked before the PIN (0600; DE63 the card's first six digits). Answered by what this
 * gateway itself knows of restrictions and stop buttons; core asks again with the account. One that is opening in stages is open for some:
 * then the answer is open, and who is not among them hears it with the refusal. */
import type { FlowFacts } from '../../gate/port.ts';
import type { ReasonClass } from '../../gate/restriction.ts';
import { bankOfCode } from '../../rail/switch/institution.ts';
import { refusal } from '../../rail/switch/manage.ts';
import type { IsoMessage } from '../../rail/iso8583/spec.ts';
import { approval, SAID, type Served } from './ask.ts';
import type { SwitchContext } from './line.ts';
import { machineText, type MachineService } from './machine-text.ts';
import type { TerminalConfig } from './terminal-config.ts';

/** Answers `OPEN`, or `STOP|` and the text in both languages. */
export function answerState(
  context: Pick<SwitchContext, 'holder' | 'latches'>,
  config: TerminalConfig,
  { request, mti }: Served,
): IsoMessage {
  const bin = request.fields[63] ?? '';
  if (!/^\d{6}$/.test(bin)) return refusal(request, { mti, code: SAID.format });
  const isOurs = config.ownBins.includes(bin);
  const bank = isOurs ? undefined : bankOfCode(config.issuers[bin] ?? '');
  const why = whyStopped(context, isOurs ? { rail: 'onus' } : { rail: 'switch', bank });
  const service: MachineService = isOurs ? 'own_card' : 'other_card';
  const text = why && machineText(service, why);
  return approval({
    request,
    mti,
    change: { 63: text ? `STOP|${text.id}|${text.en}` : 'OPEN' },
  });
}

function whyStopped(
  { holder, latches }: Pick<SwitchContext, 'holder' | 'latches'>,
  at: { readonly rail: 'onus' | 'switch'; readonly bank?: string | undefined },
): ReasonClass | undefined {
  const flow: FlowFacts = {
    rail: at.rail,
    direction: 'out',
    channel: 'atm',
    product: 'cash',
    ...(at.bank !== undefined && { bank: at.bank }),
    account: '',
    amountSen: 0n,
    cohortBucket: 9_999,
    isStaff: false,
  };
  if (latches.isLatched(flow)) return 'containment';
  const word = holder.decide(flow);
  return word.kind === 'stop' && !word.restriction.admission
    ? word.restriction.reasonClass
    : undefined;
}
