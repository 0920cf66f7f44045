/** A rail for engine tests: one gateway's journal and one hub's book that do what the test tells them. */
import { counterpartyOf, networkIds, type Instruction } from '../authorisation/instruction.ts';
import type { Time } from '../kernel/time.ts';
import type { RailAnswer, RailPort } from '../rail/contract.ts';
import type { BillAnswer } from '../rail/gateway-wire.ts';

/** What the hub does with one instruction, or what the gateway says instead of sending it. */
export type Behaviour =
  | 'settle'
  | 'accept'
  | 'reject'
  | 'lose_request'
  | 'lose_answer'
  | 'lose_rejection'
  | 'not_reached'
  | 'throw'
  | { readonly notSent: string };

export interface HubEntry {
  state: 'accepted' | 'settled' | 'rejected';
  readonly amountSen: string;
  readonly bank: string;
  readonly atMs: number;
}

type JournalMark =
  | { readonly known: 'voided' | 'intent' }
  | { readonly known: 'outcome'; readonly answer: RailAnswer };

/** A rail of one gateway and one hub. `sends` counts what reached the wire per BizMsgIdr: more than one is a double effect. */
export class FakeRail implements RailPort {
  readonly book = new Map<string, HubEntry>();
  readonly journal = new Map<string, JournalMark>();
  readonly sends = new Map<string, number>();
  readonly inquiries: { readonly bizMsgIdr: string; readonly atMs: number }[] = [];
  onSend: (instruction: Instruction) => Behaviour = () => 'settle';
  /** `silent`: the hub does not answer inquiries. */
  inquiryMode: 'truth' | 'silent' | 'not_reached' = 'truth';
  /** What the network gives with its final acceptance. */
  receipt: string | undefined;
  /** What is owed at the aggregator. */
  bill: BillAnswer = { found: false, code: '92' };
  recallMode: 'truth' | 'not_reached' = 'truth';
  readonly time: Time;
  readonly #idOf = new Map<string, string>();
  constructor(time: Time) {
    this.time = time;
  }

  async send({
    instruction,
    token,
  }: {
    readonly instruction: Instruction;
    readonly token: string;
  }): ReturnType<RailPort['send']> {
    const jti = token.replace('token:', '');
    const behaviour = this.onSend(instruction);
    await this.time.sleep(50);
    if (behaviour === 'not_reached') return { outcome: 'not_reached', reason: 'gateway_down' };
    if (typeof behaviour === 'object') return { outcome: 'not_sent', reason: behaviour.notSent };
    const mark = this.journal.get(jti);
    if (mark) return { outcome: 'not_sent', reason: 'already_used' };
    this.journal.set(jti, { known: 'intent' });
    const { bizMsgIdr } = networkIds(instruction);
    this.#idOf.set(jti, bizMsgIdr);
    this.sends.set(bizMsgIdr, (this.sends.get(bizMsgIdr) ?? 0) + 1);
    return this.#reach(instruction, jti, behaviour);
  }

  #reach(
    instruction: Instruction,
    jti: string,
    behaviour: Exclude<Behaviour, 'not_reached' | object>,
  ): RailAnswer {
    const entry = {
      amountSen: instruction.amountSen,
      bank: counterpartyOf(instruction),
      atMs: this.time.now(),
    };
    const enter = (state: HubEntry['state']): void =>
      void this.book.set(networkIds(instruction).bizMsgIdr, { ...entry, state });
    const answer = (said: RailAnswer): RailAnswer => {
      this.journal.set(jti, { known: 'outcome', answer: said });
      return said;
    };
    switch (behaviour) {
      case 'settle':
        enter('settled');
        return answer({
          outcome: 'accepted',
          isFinal: true,
          code: 'U000',
          ...(this.receipt !== undefined && { receipt: this.receipt }),
        });
      case 'accept':
        enter('accepted');
        return answer({ outcome: 'accepted', isFinal: false, code: 'U000' });
      case 'reject':
        enter('rejected');
        return answer({ outcome: 'rejected', code: 'U101' });
      case 'lose_request':
        return { outcome: 'unknown', reason: 'no_answer' };
      case 'lose_answer':
        enter('settled');
        return { outcome: 'unknown', reason: 'no_answer' };
      case 'lose_rejection':
        enter('rejected');
        return { outcome: 'unknown', reason: 'no_answer' };
      case 'throw':
        enter('settled');
        throw new Error('socket hang up');
    }
  }

  async inquire({ bizMsgIdr }: { readonly bizMsgIdr: string }): ReturnType<RailPort['inquire']> {
    this.inquiries.push({ bizMsgIdr, atMs: this.time.now() });
    await this.time.sleep(50);
    if (this.inquiryMode === 'not_reached')
      return { outcome: 'not_reached', reason: 'gateway_down' };
    const entry = this.book.get(bizMsgIdr);
    if (this.inquiryMode === 'silent' || !entry) return { outcome: 'unknown', reason: 'no_answer' };
    if (entry.state === 'rejected') return { outcome: 'rejected', code: 'U101' };
    return {
      outcome: 'accepted',
      isFinal: entry.state === 'settled',
      code: 'U000',
      ...(this.receipt !== undefined && { receipt: this.receipt }),
    };
  }

  async void({ jti }: { readonly jti: string }): ReturnType<RailPort['void']> {
    if (this.recallMode === 'not_reached')
      return { outcome: 'not_reached', reason: 'gateway_down' };
    const mark = this.journal.get(jti);
    if (mark?.known === 'outcome') return mark.answer;
    if (mark?.known === 'intent') return { outcome: 'unknown', reason: 'intent' };
    this.journal.set(jti, { known: 'voided' });
    return { outcome: 'not_sent', reason: 'voided' };
  }

  async recall({ jti }: { readonly jti: string }): ReturnType<RailPort['recall']> {
    if (this.recallMode === 'not_reached') return { known: 'not_reached', reason: 'gateway_down' };
    return this.journal.get(jti) ?? { known: 'never_seen' };
  }

  async enquireBill(): ReturnType<RailPort['enquireBill']> {
    return this.bill;
  }

  async enquireAccount({
    account,
  }: {
    readonly account: string;
  }): ReturnType<RailPort['enquireAccount']> {
    return account === '404'
      ? { found: false, code: 'U101' }
      : { found: true, name: 'PENERIMA SINTETIS', accountType: 'SVGS' };
  }
}
