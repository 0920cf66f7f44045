import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../kernel/random.ts';
import { compileInline, decideInline, makeCases, makeRestrictions } from './inline.ts';
import { openJsonRules } from './json-rules.ts';

test('decideInline() and the reference of the bench say the same of every payment', async () => {
  const random = seededRandom('inline');
  const restrictions = makeRestrictions(32, random);
  const compiled = compileInline(restrictions);
  const reference = openJsonRules(restrictions);
  assert.ok(reference, 'json-rules-engine is installed');
  const cases = makeCases(60, random);
  const named = restrictions.flatMap(({ scope: { account } }, index) => {
    const one = cases[index]!;
    return account === undefined ? [] : [{ ...one, flow: { ...one.flow, account } }];
  });
  const words = new Set<string>();
  for (const one of [...cases, ...named]) {
    const word = decideInline(compiled, one);
    words.add(word);
    assert.equal(await reference(one), word);
  }
  assert.deepEqual(words, new Set(['allow', 'refused', 'stop', 'hold']));
});
