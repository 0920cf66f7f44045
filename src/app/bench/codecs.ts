/** `pulih bench codecs`: how many messages a second one core takes apart and puts together, with the known npm packages in the same
 * run. Turns alternate and medians count, because the rate of a machine moves. Each codec proves that it does the work first. */
import { availableParallelism, loadavg } from 'node:os';
import { median, round } from '../../bench/figure.ts';
import { assert } from '../../kernel/assert.ts';
import { compileCodec } from '../../rail/iso8583/codec.ts';
import { DIALECTS } from '../../rail/iso8583/dialects.ts';
import { TRANSFER_FIELDS } from '../../rail/iso8583/sample.ts';
import { wibDate } from '../../kernel/time.ts';
import { decodeQris, type Decoded } from '../../rail/qris/decode.ts';
import { qrisRules } from '../../rail/qris/rules.ts';
import { TYPICAL_PAYLOAD } from '../../rail/qris/sample.ts';
import { openScreen, type Screen } from './screen.ts';
import type { BenchOptions } from '../bench.ts';

/** A codec under measurement. */
export interface CodecSubject {
  /** Key in the result's `figures` or `references`. */
  readonly key: string;
  readonly kind: 'figure' | 'reference';
  /** Key of the ratio and the figure that is divided by this reference. */
  readonly ratio?: { readonly key: string; readonly of: string };
  /** Checks itself once; the function does the work for one message. Undefined when its package is not installed. */
  open(): Promise<(() => void) | undefined>;
}

/** Every codec that is measured: a new one is one line. */
const SUBJECTS: readonly CodecSubject[] = [
  { key: 'iso8583PerSecond', kind: 'figure', open: openIso8583 },
  {
    key: 'iso_8583',
    kind: 'reference',
    ratio: { key: 'iso8583ToIso_8583', of: 'iso8583PerSecond' },
    open: openReference,
  },
  { key: 'qrisPerSecond', kind: 'figure', open: openQris },
];

const TURNS = 9;
/** The first turn compiles; it does not count. */
const TURNS_OF_WARM_UP = 1;
/** Messages between two looks at the clock. */
const MESSAGES_AT_ONCE = 200;

interface Turn {
  /** Per second of the processor's time, helper threads included: what one core does. */
  readonly perCpuSecond: number;
  readonly perSecond: number;
}

/** Runs it; 0 when every codec that is installed was measured. */
export async function benchCodecs(options: BenchOptions): Promise<number> {
  const screen = openScreen();
  const loadBefore = loadavg()[0]!;
  const opened: {
    readonly subject: CodecSubject;
    readonly work: () => void;
    readonly turns: Turn[];
  }[] = [];
  const missing: string[] = [];
  for (const subject of SUBJECTS) {
    const work = await subject.open();
    if (work) opened.push({ subject, work, turns: [] });
    else missing.push(subject.key);
  }
  const seconds = options.seconds / (TURNS + TURNS_OF_WARM_UP) / opened.length;
  for (let turn = 0; turn < TURNS + TURNS_OF_WARM_UP; turn++)
    for (const { subject, work, turns } of opened) {
      const done = await measure(screen, {
        name: `${subject.key} ${turn}/${TURNS}`,
        work,
        seconds,
      });
      if (turn >= TURNS_OF_WARM_UP) turns.push(done);
    }
  const rates = new Map(
    opened.map(({ subject, turns }) => [
      subject.key,
      {
        perSecond: round(median(turns.map((turn) => turn.perCpuSecond))),
        wallPerSecond: round(median(turns.map((turn) => turn.perSecond))),
        turns: turns.map((turn) => round(turn.perCpuSecond)),
      },
    ]),
  );
  print({ rates, missing, loadBefore, seconds }, options.asJson);
  return 0;
}

function measure(
  screen: Screen,
  input: { readonly name: string; readonly work: () => void; readonly seconds: number },
): Promise<Turn> {
  const { name, work, seconds } = input;
  return screen.step(
    name,
    async () => {
      const cpu = process.cpuUsage();
      const beganMs = performance.now();
      const untilMs = beganMs + seconds * 1_000;
      let count = 0;
      let nowMs = beganMs;
      while (nowMs < untilMs) {
        for (let left = MESSAGES_AT_ONCE; left > 0; left--) work();
        count += MESSAGES_AT_ONCE;
        nowMs = performance.now();
      }
      const { user, system } = process.cpuUsage(cpu);
      return {
        perCpuSecond: count / ((user + system) / 1e6),
        perSecond: count / ((nowMs - beganMs) / 1_000),
      };
    },
    { seconds, tell: (turn) => `${turn.perCpuSecond.toFixed(0)} per second of a core` },
  );
}

/** A code at a till is read: no package that reads QRIS by its own rules is known to compare with. */
async function openQris(): Promise<() => void> {
  const rules = qrisRules(wibDate(Date.now()));
  const once = (): Decoded => decodeQris(TYPICAL_PAYLOAD, rules);
  const read = once();
  assert(read.ok && read.code.amountSen === 12_500_000n, 'the code of the bench can be read');
  return once;
}

/** What comes in is taken apart, and put together again. */
async function openIso8583(): Promise<() => void> {
  const codec = compileCodec(DIALECTS.demo);
  const packed = codec.pack({ mti: '0200', fields: TRANSFER_FIELDS });
  assert(packed.ok, 'the message of the bench can be packed');
  const bytes = packed.value;
  const once = (): Buffer => {
    const message = codec.unpack(bytes);
    assert(message.ok, 'the message of the bench can be read');
    const again = codec.pack(message.value);
    assert(again.ok, 'what was read can be packed');
    return again.value;
  };
  assert(once().equals(bytes), 'the same bytes come out');
  return () => void once();
}

/** The same bytes by npm `iso_8583`, which has no field for hex text of its own. Not installed in production. */
async function openReference(): Promise<(() => void) | undefined> {
  const Iso8583 = await import('iso_8583').then(
    (module) => module.default,
    () => undefined,
  );
  if (!Iso8583) return undefined;
  const text = (length: number) => ({
    ContentType: 'ans',
    Label: 'hex text',
    LenType: 'fixed',
    MaxLen: length,
  });
  const formats = { 1: { ...text(16), ContentType: 'an' }, 52: text(16), 128: text(16) };
  const message = { 0: '0200', ...TRANSFER_FIELDS } as Record<string, string>;
  const packed = new Iso8583(message, formats).getBufferMessage();
  assert(Buffer.isBuffer(packed), 'the reference packs the message of the bench');
  const ours = compileCodec(DIALECTS.demo).pack({ mti: '0200', fields: TRANSFER_FIELDS });
  assert(ours.ok && packed.subarray(2).equals(ours.value), 'the reference packs the same bytes');
  const once = (): Buffer => {
    const read = new Iso8583({}, formats).getIsoJSON(packed, { bitmapEncoding: 'utf8' });
    const again = new Iso8583(read as Record<string, string>, formats).getBufferMessage();
    assert(Buffer.isBuffer(again), 'the reference reads what it packed');
    return again;
  };
  assert(once().equals(packed), 'the reference packs the same bytes again');
  return () => void once();
}

interface Rate {
  readonly perSecond: number;
  readonly wallPerSecond: number;
  readonly turns: readonly number[];
}

function print(
  input: {
    readonly rates: ReadonlyMap<string, Rate>;
    readonly missing: readonly string[];
    readonly loadBefore: number;
    readonly seconds: number;
  },
  asJson: boolean,
): void {
  const { rates, missing } = input;
  const of = (kind: CodecSubject['kind']): Record<string, number> =>
    Object.fromEntries(
      SUBJECTS.flatMap(({ key, kind: is }) =>
        is === kind && rates.has(key) ? [[key, rates.get(key)!.perSecond]] : [],
      ),
    );
  const ratios = Object.fromEntries(
    SUBJECTS.flatMap(({ key, ratio }) => {
      const ours = ratio && rates.get(ratio.of);
      const theirs = rates.get(key);
      return ratio && ours && theirs
        ? [[ratio.key, round(ours.perSecond / theirs.perSecond, 2)]]
        : [];
    }),
  );
  const result = {
    bench: 'codecs',
    figures: of('figure'),
    references: of('reference'),
    ratios,
    missing,
    // Per second of processor time; by the clock on the wall beside it, which other work slows.
    rates: Object.fromEntries(rates),
    machine: {
      cpus: availableParallelism(),
      loadBefore: round(input.loadBefore, 2),
      secondsPerTurn: round(input.seconds, 2),
    },
  };
  if (asJson) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  for (const [key, rate] of rates)
    process.stdout.write(
      `${key.padEnd(24)} ${rate.perSecond} per second of a core   ${rate.wallPerSecond} by the clock\n`,
    );
  for (const [key, ratio] of Object.entries(ratios))
    process.stdout.write(`${key.padEnd(24)} ${ratio}\n`);
  for (const key of missing) process.stdout.write(`${key.padEnd(24)} not installed\n`);
}
