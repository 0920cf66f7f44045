import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { localiseFiles } from './localise.ts';

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'pulih-localise-'));
});
after(() => rmSync(folder, { recursive: true }));

/** Ten banks, four channels, two rails; `kept` is what is left of each leaf's hundred. */
function csv(columns: string, cells: (bank: number, channel: number) => string): string {
  const lines = [`bank,channel,rail,${columns}`];
  for (let bank = 0; bank < 10; bank++)
    for (let channel = 0; channel < 4; channel++)
      for (const rail of ['bifast', 'switch'])
        lines.push(`"B${bank}",C${channel},${rail},${cells(bank, channel)}`);
  return lines.join('\r\n');
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A wobble, so that the forecast is not perfect. */
const wobble = (bank: number, channel: number): number => ((bank * 7 + channel * 3) % 5) - 2;
const isHit = (bank: number, channel: number): boolean => bank === 3 && channel === 1;

function json(said: { readonly out: string }): readonly Record<string, unknown>[] {
  return JSON.parse(said.out) as readonly Record<string, unknown>[];
}

test('localiseFiles() prints a JSON list of root-cause sets with what they explain and cost', () => {
  const file = write(
    'sum.csv',
    csv(
      'real,predict',
      (bank, channel) => `${(isHit(bank, channel) ? 30 : 100) + wobble(bank, channel)},100`,
    ),
  );
  const said = localiseFiles({ files: [file], isRatio: false, asJson: true });
  assert.equal(said.exit, 0);
  const [cause, ...others] = json(said);
  assert.deepEqual(others, []);
  assert.equal(cause?.['set'], 'bank=B3&channel=C1');
  assert.deepEqual(cause['attributes'], { bank: 'B3', channel: 'C1' });
  assert.ok(Math.abs(Number(cause['healthy']) - 60) <= 4);
  assert.match(
    localiseFiles({ files: [file], isRatio: false, asJson: false }).out,
    /bank=B3&channel=C1/,
  );
});

test('localiseFiles() finds where a ratio fell, in one file, in two, and by the name of the pair', () => {
  const done = (bank: number, channel: number): number =>
    (isHit(bank, channel) ? 40 : 95) + wobble(bank, channel);
  const one = write(
    'ratio.csv',
    csv('real_a,predict_a,real_b,predict_b', (b, c) => `${done(b, c)},95,100,100`),
  );
  const above = write(
    'pair.a.csv',
    csv('real,predict', (b, c) => `${done(b, c)},95`),
  );
  const below = write(
    'pair.b.csv',
    csv('real,predict', () => '100,100'),
  );
  const leaf = write(
    'leaf.csv',
    csv('real,predict', (b, c) => `${done(b, c) / 100},0.95`),
  );
  for (const files of [[one], [above, below], [above], [join(folder, 'pair.csv')], [leaf]]) {
    const said = localiseFiles({ files, isRatio: true, asJson: true });
    assert.deepEqual(
      json(said).map(({ set }) => set),
      ['bank=B3&channel=C1'],
      files.join(),
    );
  }
});

test('localiseFiles() says file, line and reason of what it cannot read, and exits 1; a wrong usage is 2', () => {
  const bad = write('bad.csv', 'bank,real,predict\nB1,1,1\nB1,NaN,1\n');
  const said = localiseFiles({ files: [bad], isRatio: false, asJson: true });
  assert.equal(said.exit, 1);
  assert.match(said.err, /line 3, column real: not a finite number/);
  assert.deepEqual(JSON.parse(said.out), {
    error: { file: bad, line: 3, reason: 'not_a_number', column: 'real' },
  });
  const gone = localiseFiles({ files: [join(folder, 'none.csv')], isRatio: false, asJson: true });
  assert.deepEqual([gone.exit, /not_found/.test(gone.out)], [1, true]);
  assert.equal(localiseFiles({ files: [bad, bad], isRatio: false, asJson: true }).exit, 2);
  assert.deepEqual(localiseFiles({ files: [folder], isRatio: false, asJson: false }).exit, 1);
});
