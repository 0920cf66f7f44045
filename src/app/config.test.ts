import assert from 'node:assert/strict';
import test from 'node:test';
import { environmentOf, readConfig } from './config.ts';

test('readConfig() has a safe value for everything but secrets', () => {
  const config = readConfig({});
  assert.equal(config.host, '127.0.0.1');
  assert.equal(config.env, 'prod');
  assert.equal(config.databaseUrl, undefined);
  assert.ok(Object.isFrozen(config));
});

test('readConfig() names the variable that is wrong', () => {
  assert.throws(
    () => readConfig({ PULIH_PORT: '80' }),
    /PULIH_PORT: it must be a whole number from 1024/,
  );
  assert.throws(() => readConfig({ PULIH_PORT: '80a' }), /PULIH_PORT/);
  assert.throws(() => readConfig({ PULIH_ENV: 'test' }), /PULIH_ENV: it must be prod or drill/);
  assert.throws(() => readConfig({ PULIH_CORES: '3' }), /PULIH_CORES/);
  assert.throws(() => readConfig({ PULIH_SIM: 'switch,moon' }), /PULIH_SIM: .* it is moon/);
  assert.throws(
    () => readConfig({ DATABASE_URL: 'mysql://x:secret@y/z' }),
    (error: Error) => /DATABASE_URL/.test(error.message) && !error.message.includes('secret'),
  );
});

test('environmentOf() carries a configuration to a child unchanged, without the database address', () => {
  const config = readConfig({
    PULIH_STATE: '/tmp/x',
    PULIH_PORT: '9000',
    PULIH_CORES: '2',
    PULIH_ENV: 'drill',
    PULIH_SIM: 'switch,terminal',
    PULIH_SIM_FAULTS: '/tmp/faults.json',
    PULIH_SWITCH_TRAFFIC: '7',
    DATABASE_URL: 'postgres://u:p@h/d',
  });
  assert.deepEqual(readConfig(environmentOf(config)), { ...config, databaseUrl: undefined });
});
