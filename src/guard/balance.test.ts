import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  balanceText,
  FIRST_BALANCE,
  lookAtBalance,
  parseBalance,
  type BalanceLook,
  type BalanceMemory,
  type LedgerWord,
} from './balance.ts';

const SECOND = 1_000;
const BILLION = 100_000_000_000n;
const START = Date.parse('2025-03-29T10:45:00+07:00');

/** A bank whose network and ledger are told of each payment at their own time; looks every quarter of a minute. */
function openAccount(openingSen: bigint) {
  let memory: BalanceMemory = FIRST_BALANCE;
  let atMs = START;
  let heardAtMs = START;
  let bookedSen = openingSen;
  const ledger = { outSen: 0n, inSen: 0n, pendingOutSen: 0n, pendingInSen: 0n };
  const treasury = { treasurySen: 0n, youngTopUpSen: 0n, youngWithdrawalSen: 0n };
  return {
    ledger,
    treasury,
    book: (sen: bigint) => void (bookedSen += sen),
    /** `silent`: the network says nothing new. */
    look(silent = false): BalanceLook {
      atMs += 15 * SECOND;
      if (!silent) heardAtMs = atMs;
      const position = {
        madeAtMs: heardAtMs - SECOND,
        heardAtMs,
        openingSen,
        bookedSen,
        freeSen: bookedSen,
      };
      const word: LedgerWord = { atMs, ...ledger, ...treasury };
      const done = lookAtBalance(memory, { position, ledger: word });
      memory = parseBalance(balanceText(done.memory)) as BalanceMemory;
      return done.look;
    },
  };
}

test('lookAtBalance() sees what leaves past the ledger at the next look, to the sen, and keeps seeing it', () => {
  const account = openAccount(1_000n * BILLION);
  for (let at = 0; at < 3; at++) assert.equal(account.look().gapSen, 0n);
  account.book(-7n * BILLION);
  assert.equal(account.look().gapSen, -7n * BILLION);
  account.book(3n * BILLION);
  account.ledger.inSen += 3n * BILLION;
  account.look();
  account.look();
  assert.equal(account.look().gapSen, -7n * BILLION, 'what comes in does not hide it');
  // A correction of two people books it.
  account.ledger.outSen += 7n * BILLION;
  account.look();
  assert.equal(account.look().gapSen, 0n);
});

test('lookAtBalance() a payment that the network has booked and the ledger only holds is under way, and no gap', () => {
  const account = openAccount(1_000n * BILLION);
  account.look();
  account.look();
  account.ledger.pendingOutSen += 40n * BILLION;
  account.book(-40n * BILLION);
  assert.equal(account.look().gapSen, 0n);
  account.ledger.pendingOutSen -= 40n * BILLION;
  account.ledger.outSen += 40n * BILLION;
  assert.equal(account.look().gapSen, 0n);
  account.book(-1n);
  account.look();
  assert.equal(account.look().gapSen, -1n);
});

test('T16 lookAtBalance() keeps a gap while the network says nothing new, however long', () => {
  const account = openAccount(1_000n * BILLION);
  for (let at = 0; at < 3; at++) account.look();
  account.book(-7n * BILLION);
  assert.equal(account.look().gapSen, -7n * BILLION);
  for (let at = 0; at < 40; at++) assert.equal(account.look(true).gapSen, -7n * BILLION);
  account.look();
  account.ledger.outSen += 7n * BILLION;
  for (let at = 0; at < 3; at++) account.look();
  assert.equal(account.look().gapSen, 0n, 'explained');
});

test('lookAtBalance() finds no gap in honest traffic, whatever is under way and in whatever order network and ledger hear of it', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          what: fc.constantFrom('hold', 'network', 'post', 'in', 'in_post', 'look'),
          sen: fc.bigInt(1n, 50n * BILLION),
        }),
        { maxLength: 60 },
      ),
      (steps) => {
        const account = openAccount(1_000n * BILLION);
        const { ledger } = account;
        const [held, left, coming] = [[] as bigint[], [] as bigint[], [] as bigint[]];
        for (const { what, sen } of steps) {
          if (what === 'hold') {
            held.push(sen);
            ledger.pendingOutSen += sen;
          }
          if (what === 'network' && held.length > 0) {
            const one = held.shift()!;
            account.book(-one);
            left.push(one);
          }
          if (what === 'post' && left.length > 0) {
            const one = left.shift()!;
            ledger.pendingOutSen -= one;
            ledger.outSen += one;
          }
          if (what === 'in') {
            account.book(sen);
            ledger.pendingInSen += sen;
            coming.push(sen);
          }
          if (what === 'in_post' && coming.length > 0) {
            const one = coming.shift()!;
            ledger.pendingInSen -= one;
            ledger.inSen += one;
          }
          if (what === 'look') assert.equal(account.look().gapSen, 0n);
        }
        assert.equal(account.look().gapSen, 0n);
      },
    ),
    { numRuns: 60 },
  );
});

test('lookAtBalance() an entry of treasury explains what it moved; one that is young is looked at both ways', () => {
  const account = openAccount(100n * BILLION);
  account.look();
  account.look();
  account.treasury.treasurySen += 20n * BILLION;
  account.treasury.youngTopUpSen += 20n * BILLION;
  assert.equal(account.look().gapSen, 0n, 'entered, not yet arrived');
  account.book(20n * BILLION);
  assert.equal(account.look().gapSen, 0n, 'arrived');
  account.treasury.youngTopUpSen = 0n;
  assert.equal(account.look().gapSen, 0n, 'old');
  account.book(-5n * BILLION);
  assert.equal(account.look().gapSen, -5n * BILLION, 'taken away without an entry');
});

test('lookAtBalance() the runway is what is free over what leaves a minute, and treasury is no burn', () => {
  const account = openAccount(300n * BILLION);
  let last = account.look();
  for (let at = 0; at < 4 * 20; at++) {
    account.book(-BILLION / 2n);
    account.ledger.outSen += BILLION / 2n;
    last = account.look();
  }
  assert.equal(last.burnSenPerMinute, 2n * BILLION);
  assert.equal(last.runwayMinutes, 130, '260 over 2');
  const quiet = openAccount(300n * BILLION);
  for (let at = 0; at < 30; at++) quiet.look();
  quiet.book(-50n * BILLION);
  quiet.treasury.treasurySen -= 50n * BILLION;
  const withdrawn = quiet.look();
  assert.deepEqual([withdrawn.burnSenPerMinute, withdrawn.runwayMinutes], [0n, undefined]);
});
