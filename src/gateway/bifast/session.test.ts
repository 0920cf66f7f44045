import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../../kernel/log.ts';
import type { AdminFunction } from '../../rail/bifast/message.ts';
import { openSession } from './session.ts';

const ECHO_MS = 60_000;

/** A hub that answers as it is told, and a clock that is set by hand. */
function openTestSession() {
  const world = {
    nowMs: 0,
    isTaken: true,
    said: [] as AdminFunction[],
    looks: 0,
  };
  const session = openSession({
    connector: {
      administer: async (fn) => {
        world.said.push(fn);
        return world.isTaken;
      },
    },
    time: { now: () => world.nowMs },
    log: silentLog,
    echoMs: ECHO_MS,
    lookAnew: async () => void world.looks++,
  });
  return { world, session };
}

test('a session is closed until the hub has taken a sign-on, and looks anew at what is between us', async () => {
  const { world, session } = openTestSession();
  assert.equal(session.isSignedOn(), false);
  world.isTaken = false;
  await session.greet();
  assert.deepEqual([session.isSignedOn(), world.looks], [false, 0]);
  world.isTaken = true;
  await session.greet();
  assert.deepEqual([session.isSignedOn(), world.looks], [true, 1]);
  assert.deepEqual(world.said, ['SIGNON', 'SIGNON']);
});

test('a session echoes when it is time, and closes at the first echo that is not answered', async () => {
  const { world, session } = openTestSession();
  await session.greet();
  world.nowMs = ECHO_MS - 1;
  await session.greet();
  assert.deepEqual(world.said, ['SIGNON']);
  world.nowMs = ECHO_MS;
  await session.greet();
  assert.deepEqual(world.said, ['SIGNON', 'ECHO']);
  world.nowMs = 2 * ECHO_MS;
  world.isTaken = false;
  await session.greet();
  assert.equal(session.isSignedOn(), false);
  world.isTaken = true;
  await session.greet();
  assert.deepEqual([session.isSignedOn(), world.looks], [true, 2]);
});

test('a session says good-bye once and never comes back', async () => {
  const { world, session } = openTestSession();
  await session.greet();
  await session.signOff();
  await session.signOff();
  world.nowMs = 10 * ECHO_MS;
  await session.greet();
  assert.equal(session.isSignedOn(), false);
  assert.deepEqual(world.said, ['SIGNON', 'SIGNOFF']);
});
