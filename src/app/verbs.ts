/** What the command line can do. Each verb loads its code when it runs, so that a quick one stays quick. */
import { PARTNER_VERBS } from './partner/verb.ts';
import { REPLAY_VERB } from './replay-verb.ts';
import { REPORT_VERB } from './report-verb.ts';
import {
  configOf,
  JSON_FLAG,
  PORT,
  STATE,
  text,
  UsageError,
  type Typed,
  type Verb,
} from './verb.ts';

/** Every verb, in the order of the help. */
export const VERBS: readonly Verb[] = [
  {
    name: 'up',
    does: 'starts everything; Ctrl-C stops it',
    words: '',
    wordsMin: 0,
    wordsMax: 0,
    flags: [
      { name: 'fresh', does: 'begins again: deletes the data first' },
      PORT,
      STATE,
      {
        name: 'host',
        value: 'address',
        does: 'the address people reach; 127.0.0.1 unless told otherwise',
      },
      { name: 'cores', value: '1|2', does: 'how many core processes' },
      {
        name: 'without',
        value: 'names',
        does: 'processes to leave out, e.g. sim; web = do not build the pages',
      },
    ],
    run: async (typed) =>
      (await import('./supervisor.ts')).up({
        config: configOf(typed),
        isFresh: typed.flags['fresh'] === true,
        without: text(typed, 'without')?.split(',') ?? [],
      }),
  },
  {
    name: 'serve',
    does: 'runs one process (the supervisor does this)',
    words: '<process>',
    wordsMin: 1,
    wordsMax: 1,
    flags: [],
    run: async ({ words }) => (await import('./processes.ts')).serve(words[0]!),
  },
  {
    name: 'ps',
    does: 'lists what runs, with memory',
    words: '',
    wordsMin: 0,
    wordsMax: 0,
    flags: [STATE, JSON_FLAG],
    run: async (typed) =>
      (await import('./ps.ts')).listProcesses({
        config: configOf(typed),
        asJson: typed.flags['json'] === true,
      }),
  },
  {
    name: 'migrate',
    does: 'applies missing migrations to DATABASE_URL or the embedded database',
    words: '',
    wordsMin: 0,
    wordsMax: 0,
    flags: [STATE, PORT],
    run: async (typed) => (await import('./check-data.ts')).migrateOnly(configOf(typed)),
  },
  {
    name: 'seed',
    does: 'fills DATABASE_URL with the demo bank (pulih up does this by itself)',
    words: '',
    wordsMin: 0,
    wordsMax: 0,
    flags: [STATE],
    run: async (typed) => (await import('./seed.ts')).seedOnce(configOf(typed)),
  },
  {
    name: 'verify',
    does: 'recomputes all balances and the audit tree; exit 1 when anything is off',
    words: '',
    wordsMin: 0,
    wordsMax: 0,
    flags: [
      { name: 'fresh', does: 'begins again, also after an interrupted run' },
      { name: 'archive', value: 'folder', does: 'where the files of archived months are' },
      { name: 'live-only', does: 'reads no archive file, and says so' },
      STATE,
      PORT,
      JSON_FLAG,
    ],
    run: async (typed) =>
      (await import('./check-data.ts')).verify({
        config: configOf(typed),
        asJson: typed.flags['json'] === true,
        isFresh: typed.flags['fresh'] === true,
        archiveFolder: text(typed, 'archive'),
        isLiveOnly: typed.flags['live-only'] === true,
      }),
  },
  REPLAY_VERB,
  {
    name: 'archive',
    does: 'moves closed months of events and transfers into files that verify reads',
    words: '',
    wordsMin: 0,
    wordsMax: 0,
    flags: [
      { name: 'before', value: 'YYYY-MM', does: 'the first month that stays' },
      { name: 'keep', value: 'months', does: 'how many closed months stay; 24 unless told' },
      { name: 'to', value: 'folder', does: 'where the files go; archive in the state folder' },
      { name: 'dry-run', does: 'says what is due and what stands against it' },
      STATE,
      PORT,
      JSON_FLAG,
    ],
    run: async (typed) =>
      (await import('./archive.ts')).archive({
        config: configOf(typed),
        before: text(typed, 'before'),
        keep: text(typed, 'keep'),
        to: text(typed, 'to'),
        isDryRun: typed.flags['dry-run'] === true,
        asJson: typed.flags['json'] === true,
      }),
  },
  {
    name: 'stop',
    does: 'the stop button: latches a rail at the gateway, whatever else is dead',
    words: '<rail>',
    wordsMin: 1,
    wordsMax: 1,
    flags: [
      { name: 'direction', value: 'out|in', does: 'which way' },
      { name: 'reason', value: 'text', does: 'why; it is journalled' },
      { name: 'as', value: 'person', does: 'whose stop credential: a username or a file' },
      {
        name: 'confirm',
        value: 'word',
        does: 'the word that is else typed, e.g. "BI-FAST KELUAR"',
      },
      STATE,
      JSON_FLAG,
    ],
    run: runStop,
  },
  {
    name: 'open',
    does: 'two people open a gateway whose journal is new or older',
    words: '',
    wordsMin: 0,
    wordsMax: 0,
    flags: [
      { name: 'first', value: 'username', does: 'one person' },
      { name: 'second', value: 'username', does: 'another person' },
      STATE,
    ],
    run: async (typed) =>
      (await import('./ask-password.ts')).openByHand(configOf(typed), [
        text(typed, 'first'),
        text(typed, 'second'),
      ]),
  },
  {
    name: 'release',
    does: 'proposes or approves a staged release (two people)',
    words: '[list|propose|approve|withdraw] [id]',
    wordsMin: 0,
    wordsMax: 2,
    flags: [
      { name: 'as', value: 'username', does: 'who asks' },
      { name: 'reason', value: 'text', does: 'why' },
      STATE,
      PORT,
      JSON_FLAG,
    ],
    run: async (typed) =>
      (await import('./release.ts')).release({
        config: configOf(typed),
        words: typed.words,
        person: text(typed, 'as'),
        reason: text(typed, 'reason'),
        asJson: typed.flags['json'] === true,
      }),
  },
  {
    name: 'hsm',
    does: 'lists the keys of the HSM, or forms one by two people',
    words: '[keys|form] [key]',
    wordsMin: 0,
    wordsMax: 2,
    flags: [
      { name: 'as', value: 'username', does: 'who asks' },
      { name: 'algorithm', value: 'tdes|aes', does: 'of the key; tdes unless told' },
      {
        name: 'component',
        value: 'typed|new',
        does: 'this person brings a component: types it, or has one made and shown once',
      },
      { name: 'check', value: 'six hex digits', does: 'what the other side says the key shows' },
      { name: 'format0', does: 'PINs under this AES key may go on under a TDES key' },
      STATE,
      JSON_FLAG,
    ],
    run: async (typed) =>
      (await import('./hsm-ceremony.ts')).hsm({
        config: configOf(typed),
        words: typed.words,
        person: text(typed, 'as'),
        algorithm: text(typed, 'algorithm') ?? 'tdes',
        component: text(typed, 'component'),
        checkValue: text(typed, 'check')?.toUpperCase(),
        allowsFormat0: typed.flags['format0'] === true,
        asJson: typed.flags['json'] === true,
      }),
  },
  REPORT_VERB,
  ...PARTNER_VERBS,
  {
    name: 'notice',
    does: 'notices to partners that wait for a person; `retry <id>` tries one again',
    words: '[retry] [id]',
    wordsMin: 0,
    wordsMax: 2,
    flags: [
      { name: 'as', value: 'username', does: 'who asks' },
      { name: 'reason', value: 'text', does: 'why; it is kept' },
      STATE,
      JSON_FLAG,
    ],
    run: async (typed) =>
      (await import('./notice.ts')).notice({
        config: configOf(typed),
        words: typed.words,
        person: text(typed, 'as'),
        reason: text(typed, 'reason'),
        asJson: typed.flags['json'] === true,
      }),
  },
  {
    name: 'qris',
    does: 'reads a QRIS payload (from standard input without one), or draws it; exit 1 when it is refused',
    words: 'decode|draw [payload]',
    wordsMin: 1,
    wordsMax: 2,
    flags: [
      { name: 'to', value: 'file', does: 'draw: a file that ends in .svg or .png' },
      JSON_FLAG,
    ],
    run: runQris,
  },
  {
    name: 'localise',
    does: 'finds where a deviation comes from: columns are attributes, `real` and `predict`',
    words: '<file.csv> [denominator.csv]',
    wordsMin: 1,
    wordsMax: 2,
    flags: [
      {
        name: 'derived',
        does: 'a ratio: columns real_a, predict_a, real_b, predict_b, or files x.a.csv and x.b.csv',
      },
      JSON_FLAG,
    ],
    run: runLocalise,
  },
  {
    name: 'drill',
    does: 'plays a bad day and prints the scorecard',
    words: '[name|file.json]',
    wordsMin: 0,
    wordsMax: 1,
    flags: [
      { name: 'seed', value: 'number', does: 'the same seed gives the same run' },
      { name: 'scale', value: 'full', does: 'the real volume of a bank' },
      { name: 'live', does: 'separate processes over real sockets, in wall-clock time' },
      {
        name: 'html',
        value: 'file',
        does: 'the scorecard as a page, with the day on a line of time',
      },
      { name: 'stream', does: 'no drill: ten days of labelled payments, for --out' },
      { name: 'out', value: 'file', does: 'where --stream is written, as CSV' },
      JSON_FLAG,
    ],
    run: (typed) => onDemand('drill', typed),
  },
  {
    name: 'bench',
    does: 'measures, with references in the same run',
    words: '<payments|rails|ledger|codecs|guard|localise>',
    wordsMin: 1,
    wordsMax: 1,
    flags: [
      { name: 'seconds', value: 'number', does: 'how long to measure; 30 unless told' },
      {
        name: 'clients',
        value: 'number',
        does: 'connections, each with one request at a time (128); of `ledger` queues of 64 (64)',
      },
      { name: 'accounts', value: 'number', does: 'accounts to spread transfers over (ledger)' },
      { name: 'transfers', value: 'number', does: 'transfers that a grown ledger holds (ledger)' },
      { name: 'rate', value: 'number', does: 'withdrawals offered a second (rails; 300)' },
      JSON_FLAG,
    ],
    run: (typed) => onDemand('bench', typed),
  },
  {
    name: 'test',
    does: 'runs every check and test; or the groups named',
    words: '[check|pure|database|flow|crash|browser|slow|format] ...',
    wordsMin: 0,
    wordsMax: 8,
    flags: [
      { name: 'seed', value: 'number', does: 'the order of a former run' },
      { name: 'only', value: 'text', does: 'files whose path holds the text' },
    ],
    run: runTest,
  },
];

async function runTest(typed: Typed): Promise<number> {
  const { runTests } = await import('./test-run.ts');
  const seed = text(typed, 'seed');
  if (seed !== undefined && !/^\d{1,10}$/.test(seed))
    throw new UsageError('--seed is the number that a former run printed');
  const only = text(typed, 'only');
  return runTests({
    groups: typed.words,
    seed: seed === undefined ? undefined : Number(seed),
    patterns: only === undefined ? [] : [only],
  });
}

async function runStop(typed: Typed): Promise<number> {
  const direction = text(typed, 'direction') ?? 'out';
  const reason = text(typed, 'reason');
  const { isRailName, RAIL_NAMES } = await import('../authorisation/instruction.ts');
  const rail = typed.words[0];
  const isDirection = direction === 'out' || direction === 'in';
  if (!isRailName(rail) || !isDirection || !reason?.trim()) {
    const rails = RAIL_NAMES.join('|');
    process.stderr.write(`Usage: pulih stop ${rails} --direction out|in --reason "..."\n`);
    return 2;
  }
  const { stopRail } = await import('./stop.ts');
  return stopRail({
    config: configOf(typed),
    rail,
    direction,
    reason,
    person: text(typed, 'as'),
    confirm: text(typed, 'confirm'),
    asJson: typed.flags['json'] === true,
  });
}

async function runLocalise(typed: Typed): Promise<number> {
  const { localiseFiles } = await import('./localise.ts');
  const said = localiseFiles({
    files: typed.words,
    isRatio: typed.flags['derived'] === true,
    asJson: typed.flags['json'] === true,
  });
  process.stderr.write(said.err);
  process.stdout.write(said.out);
  return said.exit;
}

async function runQris(typed: Typed): Promise<number> {
  const [what, payload] = typed.words;
  const to = text(typed, 'to');
  const isDraw = what === 'draw' && to !== undefined && /\.(svg|png)$/.test(to);
  if (!isDraw && (what !== 'decode' || to !== undefined)) {
    process.stderr.write(
      'Usage: pulih qris decode [payload] [--json]\n       pulih qris draw [payload] --to code.svg|code.png\n',
    );
    return 2;
  }
  const { qris } = await import('./qris.ts');
  return qris({ payload, asJson: typed.flags['json'] === true, to });
}

/** A module that exports `run(typed)`. */
async function onDemand(name: 'drill' | 'bench', typed: Typed): Promise<number> {
  const module = (await import(`./${name}.ts`)) as { run(typed: Typed): Promise<number> };
  return module.run(typed);
}
