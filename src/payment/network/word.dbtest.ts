import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../db/sql.ts';
import { selectWord } from './store.ts';
import { bifast, NOON_WIB_MS, withBank, type TestBank } from '../test-bank.ts';

const MINUTE = 60_000;

const stateOf = async (bank: TestBank, bic: string): Promise<string | undefined> =>
  (await bank.db.query<{ state: string }>(sql`select state from participant where bic = ${bic}`))[0]
    ?.state;

test('a participant that the network closes is refused before money moves, and open again when it says so', () =>
  withBank(async (bank) => {
    const nowMs = bank.time.now();
    const word = (isOpen: boolean, changedAtMs: number) =>
      bank.engine.take({
        kind: 'participants',
        rail: 'bifast',
        madeAtMs: changedAtMs,
        isWhole: false,
        banks: [{ bic: 'BNINIDJA', isOpen, changedAtMs }],
      });
    assert.deepEqual(await word(false, nowMs + 1), { taken: true });
    await word(false, nowMs + 1);
    // What was read before may be two seconds old.
    await bank.time.sleep(3_000);
    const refused = await bank.engine.submit(bifast());
    assert.deepEqual([refused.ok, !refused.ok && refused.reason], [false, 'bank_closed']);
    assert.equal((await bank.events('participant.closed')).length, 1);
    await word(true, nowMs);
    assert.equal(await stateOf(bank, 'BNINIDJA'), 'closed', 'an older word opens nothing');
    await word(true, nowMs + 2);
    assert.equal(await stateOf(bank, 'BNINIDJA'), 'open');
    await bank.checkMoney();
  }));

test('a list counts as a whole, is kept with its age and with what only one side has; an older one is not taken', () =>
  withBank(async (bank) => {
    const list = (madeAtMs: number, isOpen: boolean) =>
      bank.engine.take({
        kind: 'participants',
        rail: 'bifast',
        madeAtMs,
        isWhole: true,
        banks: [
          { bic: 'BNINIDJA', isOpen, changedAtMs: 0 },
          { bic: 'ZZZZIDJA', isOpen: true, changedAtMs: 0 },
        ],
      });
    const madeAtMs = NOON_WIB_MS + MINUTE;
    await list(madeAtMs, false);
    await list(madeAtMs - 1, true);
    assert.equal(await stateOf(bank, 'BNINIDJA'), 'closed');
    const word = await selectWord(bank.db, { rail: 'bifast', kind: 'participants' });
    assert.equal(word?.madeAtMs, madeAtMs);
    assert.deepEqual(JSON.parse(word!.body), { unknown: ['ZZZZIDJA'], missing: ['CENAIDJA'] });
  }));

test('the newest position is kept, and an older one that comes late does not replace it', () =>
  withBank(async (bank) => {
    const position = (madeAtMs: number, freeSen: string) =>
      bank.engine.take({
        kind: 'position',
        rail: 'bifast',
        madeAtMs,
        openingSen: '100',
        bookedSen: '90',
        freeSen,
      });
    await position(2_000, '-5');
    await position(1_000, '80');
    const word = await selectWord(bank.db, { rail: 'bifast', kind: 'position' });
    assert.deepEqual(JSON.parse(word!.body), {
      openingSen: '100',
      bookedSen: '90',
      freeSen: '-5',
    });
  }));
