/** Every alarm has a page, every page has an alarm, and a page names only what exists. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'node:test';
import { VERBS } from '../src/app/verbs.ts';
import { CONSOLE_WORDS } from '../web/console/words.ts';
import { ALARM_CODES, runbookOf, type AlarmCode } from '../src/guard/alarm.ts';

const ROOT = resolve(import.meta.dirname, '..');
const FOLDER = 'docs/runbook';
const SECTIONS = [
  'What it means',
  'What customers notice',
  'What Pulih has already done',
  'Look here',
  'Do this',
  'It is over when',
  'Tell whom',
];

const pages = readdirSync(join(ROOT, FOLDER))
  .filter((name) => name !== 'README.md')
  .toSorted();
const textOf = (name: string): string => readFileSync(join(ROOT, FOLDER, name), 'utf8');
const allTexts = ['README.md', ...pages].map((name) => ({ name, text: textOf(name) }));
const codesOf = (name: string): readonly AlarmCode[] =>
  ALARM_CODES.filter((code) => runbookOf(code) === `${FOLDER}/${name}`);

test('every alarm has a page, and every page an alarm', () => {
  const missing = ALARM_CODES.filter((code) => !existsSync(join(ROOT, runbookOf(code))));
  assert.deepEqual(missing, []);
  assert.deepEqual(
    pages.filter((name) => codesOf(name).length === 0),
    [],
  );
});

test('every alarm that the code writes is one of the list', () => {
  const unknown: string[] = [];
  for (const path of globSync('src/**/*.ts', { cwd: ROOT })) {
    if (/\.(test|dbtest)\.ts$/.test(path)) continue;
    for (const [, code] of readFileSync(join(ROOT, path), 'utf8').matchAll(
      /['"`]alarm\.([a-z_]+)['"`]/g,
    )) {
      const isKnown = (ALARM_CODES as readonly string[]).includes(code!) || code === 'raised';
      if (!isKnown) unknown.push(`${path}: alarm.${code}`);
    }
  }
  assert.deepEqual(unknown, []);
});

test('every alarm has words in the console, in both languages', () => {
  for (const { alarmWords } of [CONSOLE_WORDS.id, CONSOLE_WORDS.en]) {
    const words = alarmWords as Readonly<Record<string, string>>;
    const dumb = ALARM_CODES.filter(
      (code) => !words[code] && !(code.startsWith('refused_') && words['refused']),
    );
    assert.deepEqual(dumb, []);
  }
});

test('every page says its code or codes and has all sections in order, none empty', () => {
  for (const name of pages) {
    const text = textOf(name);
    for (const code of codesOf(name)) assert.ok(text.includes(`\`${code}\``), `${name}: ${code}`);
    const parts = text.split(/^## /m).slice(1);
    assert.deepEqual(
      parts.map((part) => part.split('\n')[0]),
      SECTIONS,
      name,
    );
    for (const part of parts) assert.ok(part.split('\n').slice(1).join('').trim().length > 5, name);
    assert.match(parts[4]!, /^1\. /m, `${name}: the first step is numbered`);
  }
});

test('the index names every page once, with its severity', () => {
  const index = textOf('README.md');
  for (const name of pages) {
    const rows = index
      .split('\n')
      .filter((line) => line.startsWith('| [') && line.includes(`(${name})`));
    assert.equal(rows.length, 1, name);
    const severity = /· (P[123]) ·/.exec(textOf(name))?.[1];
    assert.ok(severity && rows[0]!.includes(`| ${severity} |`), `${name}: ${severity}`);
  }
});

test('pages name only commands, words and flags that exist', () => {
  const wrong: string[] = [];
  let count = 0;
  for (const { name, text } of allTexts) {
    for (const [, command] of text.matchAll(/`(?:npx )?pulih ([^`]+)`/g)) {
      count++;
      const [verbName, ...rest] = command!.split(/\s+/);
      const verb = VERBS.find((one) => one.name === verbName);
      const flags = rest.filter((word) => word.startsWith('--')).map((word) => word.slice(2));
      const isRight =
        verb !== undefined &&
        flags.every((flag) => verb.flags.some((one) => one.name === flag)) &&
        (verbName !== 'release' || /^(list|propose|approve|withdraw)$/.test(rest[0] ?? 'list'));
      if (!isRight) wrong.push(`${name}: pulih ${command}`);
    }
  }
  assert.ok(count > 20, 'there are commands to check');
  assert.deepEqual(wrong, []);
});

test('pages name only rooms and labels that the console shows', () => {
  const shown = JSON.stringify(CONSOLE_WORDS.en);
  const wrong = allTexts.flatMap(({ name, text }) =>
    [...text.matchAll(/Console, ((?:\*\*[^*]+\*\*(?:, )?(?: and )?)+)/g)]
      .flatMap(([, list]) => [...list!.matchAll(/\*\*([^*]+)\*\*/g)].map(([, label]) => label!))
      .filter((label) => !shown.includes(`"${label}"`))
      .map((label) => `${name}: ${label}`),
  );
  assert.deepEqual(wrong, []);
});

test('pages never call a restriction maintenance, nor promise that money is safe', () => {
  for (const { name, text } of allTexts) {
    const told = text
      .replaceAll('never "maintenance"', '')
      .replaceAll('never "your money is safe"', '');
    assert.doesNotMatch(told, /maintenance|pemeliharaan|money is safe/i, name);
  }
});
