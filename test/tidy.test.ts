/** Reads the repository itself: what a linter cannot know. Import direction (DESIGN.md section 3), words that belong to a few
 * places only, a docstring on each export, no dead file, no broken link. Line limits and cycles are oxlint's. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import test from 'node:test';

const ROOT = resolve(import.meta.dirname, '..');
const STAGES = ['ledger', 'gate', 'risk', 'rail', 'notify'] as const;
const LEFT_OF_STAGE = ['kernel', 'authorisation', 'db', 'audit'] as const;
const LEFT_OF_PAYMENT = [...LEFT_OF_STAGE, ...STAGES] as const;
const AFTER_PAYMENT = [
  'bulk',
  'standing',
  'card',
  'virtual-account',
  'direct-debit',
  'merchant',
  'presented',
  'reconcile',
  'guard',
  'recovery',
  'incident',
] as const;
const LEFT_OF_CHANNEL = [...LEFT_OF_PAYMENT, 'payment', ...AFTER_PAYMENT] as const;

/** What each folder of src/ may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  authorisation: ['kernel'],
  db: ['kernel'],
  audit: ['kernel', 'db'],
  ...Object.fromEntries(STAGES.map((stage) => [stage, LEFT_OF_STAGE])),
  payment: LEFT_OF_PAYMENT,
  ...Object.fromEntries(
    AFTER_PAYMENT.map((slice) => [slice, [...LEFT_OF_PAYMENT, 'payment', ...AFTER_PAYMENT]]),
  ),
  archive: [...LEFT_OF_PAYMENT, 'payment'],
  signer: ['kernel', 'db', 'authorisation', 'audit'],
  gateway: ['kernel', 'authorisation', 'gate', 'rail'],
  hsm: ['kernel', 'rail/hsm/port.ts'],
  channel: LEFT_OF_CHANNEL,
  bench: [...LEFT_OF_CHANNEL, 'channel'],
  app: [...LEFT_OF_CHANNEL, 'archive', 'signer', 'gateway', 'hsm', 'channel', 'sim', 'bench'],
  'main.ts': ['app'],
  sim: ['kernel'],
  web: ['kernel', 'payment/state.ts', 'gate/restriction.ts'],
};

interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly isTest: boolean;
}

interface Import {
  readonly target: string;
  readonly isTypeOnly: boolean;
}

const IMPORT =
  /(?:^|\n)\s*(import|export)\s+(type\s+)?[^'"`;]*?from\s+['"](\.[^'"]+)['"]|import\(\s*['"](\.[^'"]+)['"]\s*\)|(?:^|\n)import\s+['"](\.[^'"]+)['"]/g;

function sources(): readonly SourceFile[] {
  return globSync('{src,sim,web,test}/**/*.{ts,tsx}', { cwd: ROOT })
    .filter(
      (path) =>
        !path.includes('node_modules') && !path.includes('/dist/') && !path.endsWith('.d.ts'),
    )
    .toSorted()
    .map((path) => ({
      path,
      text: readFileSync(join(ROOT, path), 'utf8'),
      // `test-world.ts` and what lies in `testing/` are worlds that tests share.
      isTest: /^test\/|\/testing\/|\/test-[a-z-]+\.ts$|\.(test|dbtest|slowtest)\.tsx?$/.test(path),
    }));
}

function importsOf(file: SourceFile): readonly Import[] {
  return [...file.text.matchAll(IMPORT)].map((match) => ({
    target: relative(
      ROOT,
      resolve(dirname(join(ROOT, file.path)), (match[3] ?? match[4] ?? match[5])!),
    ),
    isTypeOnly: Boolean(match[2]),
  }));
}

/** `src/ledger/post.ts` -> `ledger`; `src/main.ts` -> `main.ts`; `sim/hub.ts` -> `sim`. */
function sliceOf(path: string): string {
  const parts = path.split('/');
  return parts[0] === 'src' ? parts[1]! : parts[0]!;
}

/** The file without comments and without the insides of strings of one line. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|[\s;{(,])\/\/[^\n]*/g, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

function linesWith(file: SourceFile, pattern: RegExp): readonly string[] {
  return codeOf(file.text)
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}`] : []));
}

const ALL = sources();
const CODE = ALL.filter((file) => !file.isTest);

test('imports go one way', () => {
  const wrong: string[] = [];
  for (const file of CODE) {
    const from = sliceOf(file.path);
    const allowed = MAY_IMPORT[from];
    if (!allowed) {
      wrong.push(`${file.path}: folder ${from} has no place in the import order`);
      continue;
    }
    for (const { target, isTypeOnly } of importsOf(file)) {
      const to = sliceOf(target);
      const isStageType =
        isTypeOnly &&
        (STAGES as readonly string[]).includes(from) &&
        (STAGES as readonly string[]).includes(to);
      const isNamedFile =
        allowed.some((name) => target === `src/${name}`) ||
        (from === 'web' &&
          isTypeOnly &&
          /^src\/channel\/[a-z]+\/schema(-[a-z]+)?\.ts$/.test(target));
      if (to !== from && !allowed.includes(to) && !isStageType && !isNamedFile)
        wrong.push(`${file.path} imports ${target}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('the clock, chance, timers, the environment and the console belong to kernel and app', () => {
  const word =
    /\bconsole\.|\bDate\.now\(|\bMath\.random\(|\bset(Timeout|Interval)\(|\bprocess\.env\b|\bnew Date\(\)/;
  const free =
    /^(src\/kernel\/|src\/app\/|src\/main\.ts|src\/db\/test-database\.ts|sim\/main\.ts|web\/)/;
  assert.deepEqual(
    CODE.filter((file) => !free.test(file.path)).flatMap((file) => linesWith(file, word)),
    [],
  );
});

test('SQL stands in store files only, and never asks the database for the time', () => {
  const tag = /\bsql`/;
  const isStore = /(^src\/db\/)|(\/store(-[a-z0-9-]+)?\.ts$)/;
  const files = CODE.filter((file) => file.path.startsWith('src/'));
  assert.deepEqual(
    files.filter((file) => !isStore.test(file.path)).flatMap((file) => linesWith(file, tag)),
    [],
  );
  const clock = /\b(now\(\)|current_timestamp|clock_timestamp\(\)|current_date)/i;
  const stores = files.filter((file) => /\/store(-[a-z0-9-]+)?\.ts$/.test(file.path));
  assert.deepEqual(
    stores.flatMap((file) => linesWith(file, clock)).filter((at) => usesSqlClock(at)),
    [],
  );
});

/** `time.now()` in TypeScript is fine; `now()` inside a statement is not. */
function usesSqlClock(at: string): boolean {
  const [path, line] = at.split(':');
  const text = readFileSync(join(ROOT, path!), 'utf8').split('\n')[Number(line) - 1]!;
  return !/\.now\(\)/.test(text);
}

test('no FIXME lands, and a TODO names its issue', () => {
  const marks = ALL.filter((file) => file.path !== 'test/tidy.test.ts').flatMap((file) =>
    file.text
      .split('\n')
      .flatMap((line, index) =>
        /\bFIXME\b|\bTODO\b(?!\(#\d+\))/.test(line) ? [`${file.path}:${index + 1}`] : [],
      ),
  );
  assert.deepEqual(marks, []);
});

test('each exported function, class and constant has a docstring', () => {
  const bare: string[] = [];
  for (const file of CODE) {
    // A shape or a word table says by itself what it is.
    const isTable = /\/(schema(-[a-z]+)?|([a-z]+-)?words)\.ts$/.test(file.path);
    const lines = file.text.split('\n');
    for (const [index, line] of lines.entries()) {
      if (!/^export (default )?(async )?(function|class|const|let)\b/.test(line)) continue;
      if (isTable && line.startsWith('export const')) continue;
      const above = lines[index - 1]?.trimEnd() ?? '';
      // Overloads share the docstring of the first.
      if (!above.endsWith('*/') && !above.startsWith('export function'))
        bare.push(`${file.path}:${index + 1}`);
    }
  }
  assert.deepEqual(bare, []);
});

test('names of files are words of the domain in kebab case', () => {
  // `service` is a word of this domain: what a customer uses and a restriction stops.
  const banned = /(^|\/)(utils?|helpers?|common|manager|index)\.tsx?$/;
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|dbtest|slowtest|config))?\.tsx?$/;
  const wrong = ALL.filter(
    (file) => banned.test(file.path) || !kebab.test(file.path.split('/').at(-1)!),
  );
  assert.deepEqual(
    wrong.map((file) => file.path),
    [],
  );
});

test('every file of src and sim is used by another one', () => {
  const used = new Set(ALL.flatMap((file) => importsOf(file).map((one) => one.target)));
  // Verbs and the runner name these by text.
  const entries = [
    'src/main.ts',
    'src/app/test-reporter.ts',
    'src/app/drill.ts',
    'src/app/bench.ts',
    'src/app/drill/month-worker.ts',
  ];
  const dead = CODE.filter(
    (file) =>
      /^(src|sim)\//.test(file.path) && !used.has(file.path) && !entries.includes(file.path),
  );
  assert.deepEqual(
    dead.map((file) => file.path),
    [],
  );
});

test('relative links in the documents lead somewhere', () => {
  const broken: string[] = [];
  for (const path of globSync('{*.md,docs/**/*.md,sim/**/*.md,web/**/*.md}', { cwd: ROOT }).filter(
    (one) => !one.includes('node_modules'),
  )) {
    const text = readFileSync(join(ROOT, path), 'utf8').replace(/```[\s\S]*?```/g, '');
    for (const match of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      const target = match[1]!.split('#')[0]!;
      if (target === '' || /^[a-z]+:/.test(target)) continue;
      if (!existsSync(resolve(dirname(join(ROOT, path)), target)))
        broken.push(`${path} -> ${match[1]}`);
    }
  }
  assert.deepEqual(broken, []);
});

test('migrations are numbered without a gap', () => {
  const numbers = globSync('db/migrations/*.sql', { cwd: ROOT })
    .toSorted()
    .map((path) => Number(path.split('/').at(-1)!.slice(0, 4)));
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index + 1),
  );
});
