import assert from 'node:assert/strict';
import test from 'node:test';
import { REASON_TABLE } from './reason-data.ts';
import { alarmOfAnswer, answerOf, readReasons, reasonOf } from './reason.ts';

test('answerOf() T1 releases money only on a known final refusal', () => {
  for (let number = 0; number <= 999; number++) {
    for (const letter of ['U', 'K', 'Z']) {
      const code = `${letter}${String(number).padStart(3, '0')}`;
      for (const status of ['ACTC', 'ACSC', 'RJCT'] as const) {
        const answer = answerOf({ status, code });
        const reason = reasonOf(code);
        if (answer.outcome === 'rejected')
          assert.ok(status === 'RJCT' && reason?.class === 'rejected', code);
        if (answer.outcome === 'accepted') assert.ok(status !== 'RJCT' && code === 'U000', code);
        if (!reason) assert.equal(answer.outcome, 'unknown', code);
      }
    }
  }
  for (const code of [
    'U002',
    'U106',
    'U108',
    'U149',
    'U173',
    'U185',
    'U900',
    'U901',
    'U902',
    'U904',
    'U990',
    'U992',
    'U993',
    'K000',
    'K006',
  ]) {
    assert.equal(answerOf({ status: 'RJCT', code }).outcome, 'unknown', code);
  }
  assert.equal(answerOf({ status: 'RJCT', code: 'U107' }).outcome, 'rejected');
});

test('answerOf() T1 a code that nobody knows is never final, whatever the status says', () => {
  for (const code of ['U204', 'U903', 'U123', 'X101', 'U1010', 'u101', '', '__proto__', 'toString'])
    for (const status of ['ACTC', 'ACSC', 'RJCT'] as const)
      assert.equal(answerOf({ status, code }).outcome, 'unknown', `${status} ${code}`);
});

test('the table has every code that was seen in public, and the treasury hears of all of U191 to U203', () => {
  const seen =
    'U000 U002 U101 U102 U106 U107 U108 U110 U111 U112 U114 U115 U116 U117 U118 U119 U121 U122 U124 U128 U129 U149 U155 U156 U157 U160 U164 U173 U181 U189 U205 U209 U215 U310 U321 U799 U804 U805 U807 U808 U811 U815 U900 U901 U902 U904 U990 U992 U993 U999 K000 K001 K002 K003 K004 K005 K006 K007 K010';
  for (const code of seen.split(' ')) assert.ok(reasonOf(code), code);
  for (let number = 191; number <= 203; number++)
    assert.equal(alarmOfAnswer(`U${number}`), 'treasury');
  assert.equal(alarmOfAnswer('U190'), undefined);
  assert.equal(alarmOfAnswer('U999'), 'security');
  assert.equal(alarmOfAnswer('RJCT U149'), 'investigate');
  assert.equal(alarmOfAnswer('RJCT U149 and more'), undefined);
});

test('readReasons() T4 refuses a table in which one code has two meanings', () => {
  const [first] = REASON_TABLE.entries;
  assert.throws(
    () => readReasons({ version: 'x', entries: [...REASON_TABLE.entries, first!] }),
    /U000 stands once/,
  );
  assert.throws(
    () => readReasons({ version: 'x', entries: [{ ...first!, code: ['U010', 'U009'] }] }),
    /go up/,
  );
  assert.throws(
    () => readReasons({ version: 'x', entries: [{ ...first!, code: ['U010', 'K012'] }] }),
    /one letter/,
  );
});

test('a code that releases money always tells the customer why, and one that does not tells nothing', () => {
  for (let number = 0; number <= 999; number++)
    for (const letter of ['U', 'K']) {
      const code = letter + String(number).padStart(3, '0');
      const reason = reasonOf(code);
      if (reason) assert.equal(reason.class === 'rejected', reason.text !== 'none', code);
    }
});
