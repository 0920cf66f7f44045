/** One standing connection of a link: cuts the stream, checks MACs, signs on, echoes, matches answers, and lets money through only
 * while signed on. It knows no flow. When the connection ends everything on its way over it is unknown; nothing is sent again.
 * Source: domain.md 4.1, 4.6; docs/rail/switch.md. */
import type { ByteStream } from '../../kernel/stream.ts';
import { describe } from '../iso8583/describe.ts';
import { frame, frameReader, type FrameReader } from '../iso8583/frame.ts';
import type { IsoMessage } from '../iso8583/spec.ts';
import { reconnectMs } from './back-off.ts';
import { answerMti, isAnswer, isAnswerTo, type RequestKind } from './correlate.ts';
import {
  APPROVED,
  decideManagement,
  MANAGEMENT,
  refusal,
  transmittedAt,
  wrappedKey,
  type LinkPhase,
} from './manage.ts';
import type { LinkAnswer, NetworkContext, NotSent } from './port.ts';
import { headedBack, receive, seal } from './seal.ts';
import { takeEffect, takeKey } from './take-effect.ts';

/** Refused sign-ons until we hang up and connect anew. */
const SIGN_ON_TRIES_MAX = 5;
const DRAIN_LOOK_MS = 100;
/** Nothing at all came in this time after something was asked: longer than a healthy network is silent, far shorter than echoes take. */
const QUIET_MS = 3_000;

/** Opened by `link.ts` for each connection; `ended` tells why it is over. */
export class LinkSession {
  readonly ended: Promise<string>;
  readonly #context: NetworkContext;
  readonly #link: string;
  readonly #stream: ByteStream;
  readonly #reader: FrameReader;
  readonly #over = new AbortController();
  readonly #end: (reason: string) => void;
  #phase: LinkPhase = 'connected';
  #wasSignedOn = false;
  #isSigningOn = false;
  #receiving = 0;
  #serving = 0;
  #malformed = 0;
  /** When the first of what was asked since they last said anything left. */
  #unheardSinceMs: number | undefined;

  constructor(
    context: NetworkContext,
    input: { readonly link: string; readonly stream: ByteStream },
  ) {
    this.#context = context;
    this.#link = input.link;
    this.#stream = input.stream;
    this.#reader = frameReader(context.setting.dialect.frame);
    const { promise, resolve } = Promise.withResolvers<string>();
    this.ended = promise;
    this.#end = resolve;
  }

  /** Begins to read; signs on where that is ours to do. */
  start(): void {
    const { counts, setting } = this.#context;
    counts.connected++;
    this.#stream.open({
      data: (bytes) => this.#read(bytes),
      closed: (reason) => this.hangUp(reason),
    });
    void this.#echoes();
    if (setting.signOn === 'ours') void this.#signOn();
  }

  phase(): LinkPhase {
    return this.#phase;
  }

  /** True while they say nothing to what was asked: perhaps half open, which only echoes find out for sure. */
  isQuiet(): boolean {
    const sinceMs = this.#unheardSinceMs;
    return sinceMs !== undefined && this.#context.ports.time.now() - sinceMs > QUIET_MS;
  }

  /** True once money could move over this connection: a new one is then worth making soon. */
  wasSignedOn(): boolean {
    return this.#wasSignedOn;
  }

  /** Sends a request and waits for its answer. */
  async ask(input: {
    readonly kind: RequestKind;
    readonly message: IsoMessage;
    readonly waitMs: number;
  }): Promise<LinkAnswer> {
    const { correlator, counts, ports } = this.#context;
    const { kind, message } = input;
    const mayLeave = (): boolean => kind === 'management' || this.#phase === 'signed_on';
    if (!mayLeave()) return { outcome: 'not_sent', reason: 'not_signed_on' };
    const admitted = correlator.admit({ link: this.#link, kind, message });
    if (!admitted.ok) return { outcome: 'not_sent', reason: admitted.reason };
    const { slot } = admitted;
    const reason = await this.#send(message, mayLeave);
    if (reason) {
      slot.abandon();
      return { outcome: 'not_sent', reason };
    }
    counts.sent++;
    this.#unheardSinceMs ??= ports.time.now();
    const done = new AbortController();
    await Promise.race([slot.answer, ports.time.sleep(input.waitMs, done.signal)]);
    done.abort();
    const isBroken = this.#phase === 'closed';
    slot.expire();
    // An answer that came in the same moment counts.
    const answer = await slot.answer;
    if (answer) {
      counts.answered++;
      return { outcome: 'answered', message: answer, link: this.#link };
    }
    if (!isBroken) counts.timedOut++;
    return {
      outcome: 'unknown',
      reason: isBroken ? 'link_broken' : 'timeout',
      link: this.#link,
    };
  }

  /** Asks the network for a new working key (161); what comes goes to the key port. */
  async requestKey(): Promise<'accepted' | 'refused' | 'unknown'> {
    const answer = await this.#manage(MANAGEMENT.keyExchange);
    if (answer?.fields[39] === undefined) return 'unknown';
    if (answer.fields[39] !== APPROVED) return 'refused';
    // Some send the key in the answer, others in a message (162) of its own.
    const wrapped = wrappedKey({ ...answer.fields, 70: MANAGEMENT.keyExchange });
    if (!wrapped) return 'accepted';
    return (await takeKey(this.#context, { link: this.#link, wrapped })) === APPROVED
      ? 'accepted'
      : 'refused';
  }

  /** A planned stop: no new request, answers are waited for, then sign-off. */
  async stop(): Promise<void> {
    if (this.#phase === 'closed') return;
    const { setting, ports, correlator } = this.#context;
    const wasSignedOn = this.#phase === 'signed_on';
    this.#phase = 'stopping';
    const untilMs = ports.time.now() + setting.timers.drainMs;
    const isBusy = (): boolean => correlator.inFlight(this.#link) > 0 || this.#serving > 0;
    while (isBusy() && !this.#over.signal.aborted && ports.time.now() < untilMs)
      await ports.time.sleep(DRAIN_LOOK_MS, this.#over.signal);
    if (wasSignedOn && setting.signOn === 'ours') await this.#manage(MANAGEMENT.signOff);
    this.#stream.end();
    await Promise.race([this.ended, ports.time.sleep(setting.timers.signOnMs, this.#over.signal)]);
    this.hangUp('stopped');
  }

  /** Ends the connection at once. */
  hangUp(reason: string): void {
    if (this.#phase === 'closed') return;
    const { correlator, counts, ports } = this.#context;
    this.#phase = 'closed';
    counts.closed++;
    this.#over.abort();
    correlator.breakLink(this.#link);
    this.#stream.destroy();
    ports.log.warn({ link: this.#link, reason }, 'link.closed');
    this.#end(reason);
  }

  #read(bytes: Buffer): void {
    this.#unheardSinceMs = undefined;
    const { messages, problem } = this.#reader.push(bytes);
    for (const message of messages) void this.#receive(message);
    if (problem) {
      this.#context.counts.malformed++;
      this.hangUp(`frame_${problem}`);
    }
  }

  /** One message of theirs. Never rejects: a port that throws costs this message its answer, not the process. */
  async #receive(bytes: Buffer): Promise<void> {
    const message = await this.#authentic(bytes);
    if (!message || this.#phase === 'closed') return;
    try {
      if (isAnswer(message.mti)) this.#match(message);
      else if (message.mti.charAt(1) === '8') await this.#answerManagement(message);
      else await this.#serve(message);
    } catch (error) {
      const { log } = this.#context.ports;
      log.error({ link: this.#link, error: (error as Error).message }, 'link.message_failed');
    }
  }

  /** The message, unless it cannot be read or has a wrong MAC. While too many are being checked nothing more is read. */
  async #authentic(bytes: Buffer): Promise<IsoMessage | undefined> {
    const { ports, setting } = this.#context;
    const { receivingMax, malformedMax } = setting.bounds;
    if (++this.#receiving === receivingMax) this.#stream.pause();
    try {
      const received = await receive(this.#context, { link: this.#link, bytes });
      this.#malformed = received.kind === 'malformed' ? this.#malformed + 1 : 0;
      if (this.#malformed >= malformedMax) this.hangUp('malformed');
      return received.kind === 'message' ? received.message : undefined;
    } catch (error) {
      ports.log.error({ link: this.#link, error: (error as Error).message }, 'link.mac_failed');
      return undefined;
    } finally {
      if (--this.#receiving === receivingMax >> 1) this.#stream.resume();
    }
  }

  #match(answer: IsoMessage): void {
    const { correlator, counts, ports, setting } = this.#context;
    const matched = correlator.match(answer);
    if (matched.kind === 'matched') return;
    counts[matched.kind]++;
    if (matched.kind === 'late') ports.late(answer, { link: this.#link });
    else if (matched.kind === 'mismatched')
      ports.alarm({
        kind: 'answer_mismatched',
        network: setting.name,
        link: this.#link,
        detail: `${answer.mti} DE${matched.field}`,
      });
    ports.log.warn(
      { link: this.#link, as: matched.kind, ...describe(setting.dialect, answer) },
      'link.answer_unmatched',
    );
  }

  async #answerManagement(request: IsoMessage): Promise<void> {
    const { setting } = this.#context;
    const mti = answerMti(request.mti);
    if (mti === undefined) return;
    const { effect, code } = decideManagement(request, {
      phase: this.#phase,
      signOn: setting.signOn,
      givesKeys: this.#context.ports.giveKey !== undefined,
      codes: setting.codes,
    });
    // Who signs off is not to be sent to from this moment on.
    if (effect.kind === 'signed_off' && this.#phase === 'signed_on') this.#signedOff('signed_off');
    const said = await takeEffect(this.#context, { link: this.#link, effect, code });
    const { fields } = refusal(request, { mti, code: said.code });
    const reason = await this.#answer(request, { mti, fields: { ...fields, ...said.fields } });
    // Only one who has been told that it worked may expect money to move.
    if (effect.kind === 'signed_on' && !reason) this.#signedOn();
  }

  async #serve(request: IsoMessage): Promise<void> {
    const { counts, ports, setting, taken } = this.#context;
    const { bounds, codes, timers } = setting;
    const mti = answerMti(request.mti);
    const isFull = this.#serving >= bounds.servingMax;
    const decided = taken.admit(request, {
      hasRoom: this.#phase === 'signed_on' && !isFull,
      mayBeTaken: () => ports.mayBeTaken(request),
    });
    if (decided === 'silence') counts.unanswered++;
    if (decided === 'refuse') {
      counts.refused++;
      const code = this.#phase === 'signed_on' ? codes.overloaded : codes.notSignedOn;
      if (mti !== undefined) await this.#answer(request, refusal(request, { mti, code }));
    }
    if (decided !== 'serve') return;
    this.#serving++;
    try {
      const deadlineMs = ports.time.now() + timers.serveMs;
      const done = new AbortController();
      const answer = await Promise.race([
        ports.serve(request, { link: this.#link, deadlineMs }),
        ports.time.sleep(timers.serveMs, done.signal).then(() => 'late' as const),
      ]);
      done.abort();
      // The network has given up on it and reverses: an answer now would say something else.
      if (answer === 'late') counts.serveLate++;
      else if (answer && !isAnswerTo(request, answer))
        ports.log.error({ link: this.#link, mti: answer.mti }, 'link.answer_wrong');
      else if (answer && !(await this.#answer(request, answer))) counts.served++;
    } finally {
      this.#serving--;
      taken.end(request);
    }
  }

  #answer(request: IsoMessage, answer: IsoMessage): Promise<NotSent | undefined> {
    const { header } = this.#context.setting.dialect;
    return this.#send(headedBack(answer, { request, kind: header.kind }), () => true);
  }

  /** Writes one message; the reason when no byte of it was written. */
  async #send(message: IsoMessage, mayLeave: () => boolean): Promise<NotSent | undefined> {
    const { ports, setting } = this.#context;
    const bytes = await seal(this.#context, { link: this.#link, message });
    if (typeof bytes === 'string') return bytes;
    if (this.#phase === 'closed') return 'link_broken';
    if (!mayLeave()) return 'not_signed_on';
    if (this.#stream.waitingBytes() + bytes.length > setting.bounds.backlogBytesMax) {
      ports.log.warn({ link: this.#link, bytes: this.#stream.waitingBytes() }, 'link.backlogged');
      return 'backlog';
    }
    this.#stream.write(frame(setting.dialect.frame, bytes));
    return undefined;
  }

  /** A management request of ours; undefined without an answer. Never rejects: whoever signs on or echoes has nobody above it. */
  async #manage(code: string, waitMs?: number): Promise<IsoMessage | undefined> {
    const { ports, setting } = this.#context;
    try {
      const answer = await this.ask({
        kind: 'management',
        waitMs: waitMs ?? setting.timers.signOnMs,
        message: {
          mti: `${setting.dialect.version}800`,
          fields: { 7: transmittedAt(ports.time.now()), 11: ports.stan(), 70: code },
        },
      });
      return answer.outcome === 'answered' ? answer.message : undefined;
    } catch (error) {
      ports.log.error({ link: this.#link, error: (error as Error).message }, 'link.manage_failed');
      return undefined;
    }
  }

  async #signOn(): Promise<void> {
    const { ports, setting } = this.#context;
    if (this.#isSigningOn) return;
    this.#isSigningOn = true;
    for (let attempt = 0; attempt < SIGN_ON_TRIES_MAX && this.#phase === 'connected'; attempt++) {
      if (attempt > 0 || this.#wasSignedOn)
        await ports.time.sleep(
          reconnectMs(ports.random, { attempt, timers: setting.timers }),
          this.#over.signal,
        );
      if (this.#phase !== 'connected') break;
      this.#phase = 'signing_on';
      const answer = await this.#manage(MANAGEMENT.signOn);
      // Meanwhile it may have been closed or told to stop.
      if (this.phase() !== 'signing_on') break;
      this.#phase = 'connected';
      if (answer?.fields[39] === APPROVED) this.#signedOn();
    }
    this.#isSigningOn = false;
    if (this.#phase === 'connected') this.hangUp('sign_on_refused');
  }

  #signedOn(): void {
    if (this.#phase === 'closed' || this.#phase === 'stopping') return;
    this.#phase = 'signed_on';
    this.#wasSignedOn = true;
    this.#context.ports.log.info({ link: this.#link }, 'link.signed_on');
  }

  #signedOff(reason: string): void {
    const { ports, setting } = this.#context;
    this.#phase = 'connected';
    ports.log.warn({ link: this.#link, reason }, 'link.signed_off');
    if (setting.signOn === 'ours') void this.#signOn();
  }

  /** A connection on which nothing comes back is dead, whatever the socket says. */
  async #echoes(): Promise<void> {
    const { counts, ports, setting } = this.#context;
    const { bounds, timers } = setting;
    for (let misses = 0; misses < bounds.echoMissesMax;) {
      await ports.time.sleep(timers.echoEveryMs, this.#over.signal);
      if (this.#phase === 'closed' || this.#phase === 'stopping') return;
      if (this.#phase === 'signing_on') continue;
      const answer = await this.#manage(MANAGEMENT.echo, timers.echoMs);
      if (this.phase() === 'closed') return;
      if (!answer) {
        misses++;
        counts.echoMissed++;
        continue;
      }
      misses = 0;
      // They are there and do not know us any more.
      if (answer.fields[39] !== APPROVED && this.#phase === 'signed_on')
        this.#signedOff('echo_refused');
    }
    this.hangUp('half_open');
  }
}
