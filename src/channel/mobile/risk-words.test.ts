import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SCREEN_RULES } from '../../risk/rule-book.ts';
import { QUESTION_WORDS, questionsOf } from './risk-words.ts';

test('questionsOf() has words of its own for every rule that asks, in both languages, and none speaks of fraud', () => {
  for (const { code, defaults } of SCREEN_RULES) {
    if (defaults.action !== 'step_up') continue;
    assert.ok(QUESTION_WORDS[code], code);
    for (const language of ['id', 'en'] as const) {
      const [question] = questionsOf([code], { language, agoMs: 40_000 });
      assert.doesNotMatch(`${question!.title} ${question!.text}`, /fraud|penipuan|mencurigakan/i);
    }
  }
});

test('questionsOf() says how long ago, at least a second, and says something of a rule without words', () => {
  const text = (agoMs: number | undefined, code = 'repeated') =>
    questionsOf([code], { language: 'en', agoMs })[0]!.text;
  assert.match(text(40_400), /, 40 seconds ago\./);
  assert.match(text(-5), /, 1 second ago\./);
  assert.doesNotMatch(text(undefined), /ago/);
  assert.ok(text(undefined, 'unheard_of').length > 0);
});
