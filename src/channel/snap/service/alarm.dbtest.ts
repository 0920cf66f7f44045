/** Alarms that partners and operators of networks sign: each starts D23's clock once, with the voice that two people gave its sender. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from '../../../db/sql.ts';
import { coldFlow, event, MINUTE, saidBy } from '../../../guard/flow/test-flow.ts';
import { seeEvent } from '../../../guard/flow/seen.ts';
import { NOON_MS, withSnap, type World } from '../test-world.ts';

const PATH = '/v1.0/fraud/alarm';

async function raised({ db }: World): Promise<readonly Record<string, unknown>[]> {
  const rows = await db.query<{ subject: string; data: string }>(
    sql`select subject, data::text as data from event where kind = 'external_alarm.raised' order by id`,
  );
  return rows.map(({ subject, data }) => ({ ...(JSON.parse(data) as object), subject }));
}

/** What D23 says of it when nobody reads it. */
function d23(data: Record<string, unknown>, minutes: number): readonly string[] {
  const flow = coldFlow();
  flow.fold(seeEvent(event(NOON_MS, 'external_alarm.raised', data, String(data['subject']))));
  return saidBy('D23', flow.pass(NOON_MS + minutes * MINUTE));
}

test('fraud/alarm starts the clock of D23 once per reference; a partner slows a rail and never stops it', () =>
  withSnap(async (world) => {
    const { partner, other } = world;
    const alarm = { partnerReferenceNo: 'FRD-1', rail: 'bifast' };
    const first = await partner.call(PATH, alarm);
    assert.equal(first.code, '2009900');
    const again = await partner.call(PATH, alarm);
    assert.deepEqual(
      [again.code, again.body['referenceNo']],
      ['2009900', first.body['referenceNo']],
    );
    assert.equal((await partner.call(PATH, { ...alarm, rail: 'qris' })).code, '4049918');
    assert.equal((await partner.call(PATH, { ...alarm, rail: 'onus' })).code, '4009901');
    const theirs = await other.call(PATH, alarm);
    assert.equal(theirs.code, '2009900');
    assert.notEqual(
      theirs.body['referenceNo'],
      first.body['referenceNo'],
      'a reference of its own',
    );
    const told = await raised(world);
    assert.equal(told.length, 2);
    const { subject, ...data } = told[0]!;
    assert.equal(subject, first.body['referenceNo']);
    assert.deepEqual(data, {
      rail: 'bifast',
      source: 'partner',
      reference: 'partner-a/FRD-1',
      partnerId: 'partner-a',
    });
    assert.deepEqual(d23(told[0]!, 10.5), ['D23 throttle bifast']);
    assert.deepEqual(d23(told[0]!, 60), ['D23 throttle bifast']);
  }));

test('fraud/alarm of the operator of a network, which two people named, stops; named by one person it is a partner', () =>
  withSnap(async (world) => {
    const { db, partner } = world;
    const name = (version: number, approved: string) =>
      db.script(`insert into setting (key, version, value, effective_from, set_by, approved_by, source)
        values ('external.sources', ${version}, '{"form":1,"sources":{"partner-a":"switch"}}', '2020-01-01', 'stf_1', ${approved}, 'test')`);
    await name(1, 'null');
    await partner.call(PATH, { partnerReferenceNo: 'OP-1', rail: 'switch' });
    await name(2, `'stf_2'`);
    await partner.call(PATH, { partnerReferenceNo: 'OP-2', rail: 'switch' });
    const told = await raised(world);
    assert.deepEqual(
      told.map(({ source }) => source),
      ['partner', 'switch'],
    );
    assert.deepEqual(d23(told[0]!, 20.5), ['D23 throttle switch']);
    assert.ok(d23(told[1]!, 20.5).includes('D23 stop switch'));
  }));

test('fraud/alarm takes five of a partner that nobody has read, also when they come at once, and the next when one was read', () =>
  withSnap(async (world) => {
    const { db, partner, other } = world;
    const ask = (n: number) => partner.call(PATH, { partnerReferenceNo: `F-${n}`, rail: 'qris' });
    const codes = (await Promise.all([1, 2, 3, 4, 5, 6, 7].map(ask))).map(({ code }) => code);
    assert.deepEqual(codes.toSorted(), [...Array(5).fill('2009900'), '4039904', '4039904']);
    assert.equal(
      (await other.call(PATH, { partnerReferenceNo: 'F-1', rail: 'qris' })).code,
      '2009900',
    );
    await db.script(`insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
      values ('stf_9', 'S', 's9', 'risk', '-', '-', '-', '2020-01-01');
      update external_alarm set acknowledged_by = 'stf_9', acknowledged_at = now() where raised_partner = 'partner-a' and id in (select min(id) from external_alarm where raised_partner = 'partner-a');`);
    assert.equal((await ask(8)).code, '2009900');
    assert.equal((await raised(world)).length, 7);
  }));
