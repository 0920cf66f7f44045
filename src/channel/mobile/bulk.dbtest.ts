/** Lists of transfers over the mobile API: previewed, agreed word for word with the PIN, and only their owner's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreeBulks } from '../../bulk/agree.ts';
import { sql } from '../../db/sql.ts';
import { rupiah } from '../../kernel/money.ts';
import { seededRandom } from '../../kernel/random.ts';
import { wallTime } from '../../kernel/time.ts';
import { KEY, signIn, withWorld, type Caller, type World } from './test-world.ts';

const FILE = [
  'bank,account,name,amount,remark',
  '009,0098765431,Siti Rahayu,150000,Gaji',
  '009,0098765432,Siti Rahayu,250000,Gaji',
  '009,0098765433,Orang Lain,250000,Gaji',
  '009,0098765434,Siti Rahayu,1.000.000,Gaji',
].join('\n');

async function agreeWithBudi({ db }: World): Promise<void> {
  await db.query(sql`
    insert into staff (id, name, username, role, password_hash, public_key, sealed_key, made_at)
    select 'stf_' || n, 'S', 's' || n, 'operator', '', '', '', ${new Date(0)} from generate_series(1, 2) n`);
  const agreed = { customerId: 'cus_budi', rowMax: 100, dayMaxSen: rupiah(10_000_000) };
  const people = { proposedBy: 'stf_1', approvedBy: 'stf_2' };
  const parts = { db, time: wallTime(), random: seededRandom('agree') };
  await assert.rejects(agreeBulks(parts, { ...agreed, ...people, approvedBy: 'stf_1' }), {
    constraint: 'bulk_agreement_two_people',
  });
  assert.equal(await agreeBulks(parts, { ...agreed, ...people }), true);
  assert.equal(await agreeBulks(parts, { ...agreed, ...people }), false);
}

const upload = (caller: Caller, change: Record<string, unknown> = {}, key: string = KEY) =>
  caller.call(
    'POST',
    '/bulks',
    { fromAccount: '1990000001', name: 'Gaji Agustus', file: FILE, ...change },
    { 'idempotency-key': key },
  );

test('a list is seen with its faults, paid by its very words and the PIN, once, and is nobody else’s', () =>
  withWorld(async (world) => {
    const caller = await signIn(world);
    assert.equal((await upload(caller)).body.code, 'bulk_not_agreed');
    await agreeWithBudi(world);
    const foreign = await upload(caller, { fromAccount: '1990000002' });
    assert.equal(foreign.body.code, 'account_not_yours');
    const made = await upload(caller);
    assert.equal(made.status, 200, JSON.stringify(made.body));
    const path = `/bulks/${made.body.bulk.id}`;
    assert.equal((await upload(caller)).body.bulk.id, made.body.bulk.id);
    assert.equal((await upload(caller, { name: 'Lain' })).body.code, 'key_conflict');
    const confirm = (text: string, pin = '246810', key: string = KEY) =>
      caller.call('POST', `${path}/confirm`, { pin, text }, { 'idempotency-key': key });
    assert.equal((await confirm('x')).body.code, 'bulk_not_ready');
    await world.bulks.work();
    const seen = await caller.call('GET', path);
    const { offer } = seen.body;
    assert.equal(
      offer.text,
      `Saya setuju mengirim 2 transfer dari daftar Gaji Agustus (${made.body.bulk.id}) senilai Rp400.000 dari rekening 1990000001, biaya Rp5.000, total Rp405.000. 2 baris tidak ikut. Setiap baris adalah transfer sendiri; yang sudah dikirim tidak dapat dibatalkan.`,
    );
    assert.deepEqual(
      seen.body.rows.map(({ status, note }) => [status.label, note]),
      [
        ['Siap dikirim', undefined],
        ['Siap dikirim', undefined],
        ['Bermasalah, tidak ikut', 'Nama di bank tujuan berbeda.'],
        [
          'Bermasalah, tidak ikut',
          'Nominal harus angka tanpa titik ribuan, misalnya 1500000 atau 1500000.00.',
        ],
      ],
    );
    // A name that the bank gave is no way to collect names.
    assert.doesNotMatch(JSON.stringify(seen.body.rows.slice(2)), /SITI RAHAYU/);
    const ayu = await signIn(world, 'ayu');
    for (const answer of [
      await ayu.call('GET', path),
      await ayu.call('POST', `${path}/cancel`),
      await ayu.call(
        'POST',
        `${path}/confirm`,
        { pin: '246810', text: offer.text },
        { 'idempotency-key': KEY },
      ),
    ])
      assert.equal(answer.body.code, 'not_found');
    assert.equal((await confirm(`${offer.text} `)).body.code, 'terms_changed');
    assert.equal((await confirm(offer.text, '000000')).body.code, 'pin_wrong');
    assert.equal((await caller.call('GET', path)).body.bulk.state, 'ready');
    assert.equal((await confirm(offer.text)).body.bulk.state, 'running');
    assert.equal((await confirm(offer.text)).body.bulk.state, 'running');
    const other = await confirm(offer.text, '246810', 'key-another-0123456789');
    assert.equal(other.body.code, 'bulk_over');
    world.clock.shiftMs += 2_000;
    await world.bulks.work();
    world.clock.shiftMs += 2_000;
    await world.bulks.work();
    const done = await caller.call('GET', `${path}?only=all`);
    assert.equal(done.body.bulk.state, 'done');
    // The fake engine writes no payment: what is not known is in progress.
    assert.equal(done.body.rows[0]?.status.label, 'Sedang diproses');
    assert.equal(world.engine.commands.length, 2);
    assert.ok(world.engine.commands.every(({ bulk }) => bulk?.id === done.body.bulk.id));
    const { body } = await caller.call('GET', '/messages');
    assert.match(body.messages[0]?.body ?? '', /2 baris senilai Rp400\.000 sudah didebit/);
    const unpaid = await caller.call('GET', `${path}?only=unpaid`);
    assert.equal(unpaid.body.rows.length, 2);
  }));

test('a list that the account does not cover is not agreed to, and a file that is none names the line', () =>
  withWorld(async (world) => {
    await agreeWithBudi(world);
    const caller = await signIn(world);
    // Our own bank is none of the network's there.
    const rows = '\n199,1990000002,Siti Rahayu,6000000,Gaji';
    const made = await upload(caller, { file: FILE + rows });
    world.clock.shiftMs += 2_000;
    await world.bulks.work();
    const path = `/bulks/${made.body.bulk.id}`;
    const { offer } = (await caller.call('GET', path)).body;
    const refused = await caller.call(
      'POST',
      `${path}/confirm`,
      { pin: '246810', text: offer.text },
      { 'idempotency-key': KEY },
    );
    assert.equal(refused.body.code, 'insufficient_funds');
    const broken = await upload(caller, { file: `${FILE}\n009,"` }, 'key-another-0123456789');
    assert.deepEqual(
      [broken.status, broken.body.code, (broken.body as unknown as { line: number }).line],
      [422, 'file_malformed', 6],
    );
    const list = await caller.call('GET', '/bulks');
    assert.deepEqual(
      [list.body.limits.rowMax, list.body.bulks.map(({ state }) => state)],
      [100, ['ready']],
    );
    assert.equal((await caller.call('POST', `${path}/cancel`)).body.bulk.state, 'cancelled');
    const ayu = await signIn(world, 'ayu');
    assert.equal((await ayu.call('GET', '/bulks')).body.limits, undefined);
  }));
