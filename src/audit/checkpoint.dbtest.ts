import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, verify } from 'node:crypto';
import test from 'node:test';
import type { Db } from '../db/pool.ts';
import { sql } from '../db/sql.ts';
import { withTestDb } from '../db/test-database.ts';
import {
  checkpointText,
  eventText,
  makeCheckpoint,
  proveConsistency,
  proveEvent,
} from './checkpoint.ts';
import { leafHash, verifyConsistency, verifyInclusion } from '../kernel/merkle.ts';
import { recordEvents } from './record.ts';
import { selectCheckpoints, selectEventsAfter } from './store.ts';
import { untilVisible } from './test-stream.ts';
import { verifyAudit } from './verify.ts';

const NOW_MS = Date.parse('2026-08-01T03:00:00Z');
const keys = generateKeyPairSync('ed25519');
const signer = { nowMs: NOW_MS, sign: (bytes: Buffer) => sign(null, bytes, keys.privateKey) };
const checker = {
  verifySignature: (bytes: Buffer, signature: Buffer) =>
    verify(null, bytes, keys.publicKey, signature),
};

async function happen(db: Db, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => ({
    atMs: NOW_MS + i,
    kind: 'test.happened',
    subject: `s${i}`,
    data: { i },
  }));
  await db.tx((tx) => recordEvents(tx, events));
  await untilVisible(db);
}

/** Changes rows as somebody with the owner's password could. */
async function tamper(db: Db, statement: string): Promise<void> {
  await db.script(
    `set session_replication_role = replica; ${statement}; set session_replication_role = origin`,
  );
}

test('makeCheckpoint() appends leaves in pieces and gives the same root as a recomputation', async () => {
  await withTestDb(async (db) => {
    assert.equal(await makeCheckpoint(db, signer), undefined);
    let total = 0;
    for (const count of [1, 2, 253, 1, 255, 700]) {
      await happen(db, count);
      total += count;
      const made = await makeCheckpoint(db, signer);
      assert.equal(made?.size, BigInt(total));
      const report = await verifyAudit(db, checker);
      assert.deepEqual(report.problems, []);
      assert.equal(report.root, made?.root.toString('hex'));
    }
    const limited = { ...signer, leavesMax: 10 };
    await happen(db, 25);
    assert.equal((await makeCheckpoint(db, limited))?.hasMore, true);
    assert.equal((await makeCheckpoint(db, limited))?.added, 10);
    assert.equal((await makeCheckpoint(db, limited))?.hasMore, false);
    const report = await verifyAudit(db, checker);
    assert.deepEqual(
      { ok: report.ok, size: report.size, checkpoints: report.checkpoints },
      { ok: true, size: BigInt(total + 25), checkpoints: 9 },
    );
  });
});

test('makeCheckpoint() does not pass by a transaction that began earlier and commits late (I10)', async () => {
  await withTestDb(async (db) => {
    const told = (subject: string) => [
      { atMs: NOW_MS, kind: 'test.happened', subject, data: { n: 1 } },
    ];
    await db.tx(async (late) => {
      await recordEvents(late, told('late'));
      await db.tx((tx) => recordEvents(tx, told('early')));
      assert.equal(await makeCheckpoint(db, signer), undefined);
    });
    await untilVisible(db);
    assert.equal((await makeCheckpoint(db, signer))?.size, 2n);
    assert.deepEqual((await verifyAudit(db, checker)).problems, []);
  });
});

test('makeCheckpoint() hashes an event in the database as eventText() spells it, whatever its texts hold', async () => {
  await withTestDb(async (db) => {
    const texts = [
      '',
      'a\u001eb\u001fc',
      '"\\/\b\f\n\r\t\u0001\u007f',
      '€ \u{1f600} \u2028 é e\u0301 \ufffd',
      String.raw`\u0041 \x41 {"a":"\"b\""}`,
    ];
    await db.tx((tx) =>
      recordEvents(
        tx,
        texts.flatMap((subject) =>
          texts.map((text) => ({ atMs: NOW_MS + 7, kind: text, subject, data: { text } })),
        ),
      ),
    );
    await untilVisible(db);
    assert.equal((await makeCheckpoint(db, signer))?.size, BigInt(texts.length ** 2));
    assert.deepEqual((await verifyAudit(db, checker)).problems, []);
  });
});

test('makeCheckpoint() by two makers at once makes one tree', async () => {
  await withTestDb(async (db) => {
    await happen(db, 40);
    const limited = { ...signer, leavesMax: 15 };
    const made = await Promise.all([
      makeCheckpoint(db, limited),
      makeCheckpoint(db, limited),
      makeCheckpoint(db, limited),
    ]);
    assert.deepEqual(
      made.map((one) => one?.added ?? 0).sort((a, b) => a - b),
      [10, 15, 15],
    );
    assert((await verifyAudit(db, checker)).ok);
  });
});

test(
  'T17 recordEvents() commits while a checkpoint is being made: no chain inside the payment transaction',
  { timeout: 20_000 },
  async () => {
    await withTestDb(async (db) => {
      await happen(db, 3);
      assert.equal((await makeCheckpoint(db, signer))?.size, 3n);
      await db.tx(async (maker) => {
        await maker.query(sql`select pg_advisory_xact_lock(7262031::bigint)`);
        await maker.query(
          sql`lock table audit_leaf, audit_node, audit_checkpoint in access exclusive mode`,
        );
        // Inside: the checkpoint maker holds everything that is its own. Payments go on.
        await db.tx((tx) =>
          recordEvents(tx, [
            { atMs: NOW_MS, kind: 'test.happened', subject: 'meanwhile', data: {} },
          ]),
        );
      });
      await untilVisible(db);
      assert.equal((await makeCheckpoint(db, signer))?.size, 4n);
    });
  },
);

test('proveEvent() and proveConsistency() convince an outsider', async () => {
  await withTestDb(async (db) => {
    await happen(db, 600);
    await makeCheckpoint(db, signer);
    await happen(db, 77);
    const made = await makeCheckpoint(db, signer);
    const [older, newer] = await selectCheckpoints(db, { above: 0n, upTo: 10_000n });
    assert(older && newer && made);
    for (const id of [1n, 256n, 257n, 600n, 677n]) {
      const proof = await proveEvent(db, id);
      assert(proof);
      assert(verifyInclusion(proof));
      assert(
        checker.verifySignature(
          Buffer.from(checkpointText(proof.checkpoint)),
          proof.checkpoint.signature,
        ),
      );
    }
    const proof = await proveConsistency(db, { older: older.size, newer: newer.size });
    assert(
      verifyConsistency({
        older: older.size,
        newer: newer.size,
        olderRoot: older.root,
        newerRoot: newer.root,
        proof,
      }),
    );
    await happen(db, 1);
    assert.equal(await proveEvent(db, 678n), undefined);
  });
});

const ATTACKS: Record<string, string> = {
  event_changed: 'update event set data = \'{"i":4711}\' where id = 17',
  'event_changed:holds the separators of a page':
    "update event set subject = E's\\x1es\\x1f' where id = 17",
  event_missing: 'delete from event where id = 17',
  event_added:
    "insert into event (xid, on_date, at, kind, subject, data) values ('1', '2026-08-01', '2026-08-01T03:00Z', 'test.happened', 's', '{}')",
  leaf_missing: 'delete from audit_leaf where position = 17',
  node_wrong:
    "update audit_node set hash = decode(repeat('00', 32), 'hex') where height = 8 and position = 0",
  root_wrong: "update audit_checkpoint set root = decode(repeat('00', 32), 'hex') where size = 300",
  signature_wrong:
    "update audit_checkpoint set made_at = made_at - interval '1 hour' where size = 300",
};

for (const [name, statement] of Object.entries(ATTACKS)) {
  const [kind] = name.split(':');
  test(`verifyAudit() names the first wrong row: ${name}`, async () => {
    await withTestDb(
      async (db) => {
        await happen(db, 300);
        await makeCheckpoint(db, signer);
        assert((await verifyAudit(db, checker)).ok);
        await tamper(db, statement);
        const report = await verifyAudit(db, checker);
        assert.equal(report.ok, false);
        const [problem] = report.problems;
        assert.equal(problem?.kind, kind);
        if (problem && 'eventId' in problem && kind !== 'event_added')
          assert.equal(problem.eventId, 17n);
      },
      { poolSize: 1 },
    );
  });
}

test('verifyAudit() names the last events when they are gone', async () => {
  await withTestDb(
    async (db) => {
      await happen(db, 20);
      await makeCheckpoint(db, signer);
      await tamper(db, 'delete from event where id >= 19');
      const report = await verifyAudit(db, checker);
      assert.deepEqual(report.problems, [{ kind: 'event_missing', position: 18n, eventId: 19n }]);
      await tamper(db, 'delete from event');
      assert.equal((await verifyAudit(db, checker)).ok, false);
    },
    { poolSize: 1 },
  );
});

test('verifyAudit() leaves alone what no checkpoint covers yet', async () => {
  await withTestDb(async (db) => {
    await happen(db, 20);
    await makeCheckpoint(db, signer);
    await happen(db, 20);
    const report = await verifyAudit(db, checker);
    assert.deepEqual({ ok: report.ok, size: report.size }, { ok: true, size: 20n });
  });
});

test('verifyAudit() notices an event that was changed together with its leaf', async () => {
  await withTestDb(
    async (db) => {
      await happen(db, 20);
      await makeCheckpoint(db, signer);
      const [event] = await selectEventsAfter(db, { xid: '0', id: 3n, limit: 1 });
      assert(event);
      const hash = leafHash(eventText({ ...event, subject: 'another' })).toString('hex');
      await tamper(
        db,
        `update event set subject = 'another' where id = ${event.id};
        update audit_leaf set hash = decode('${hash}', 'hex') where event_id = ${event.id}`,
      );
      assert.deepEqual((await verifyAudit(db, checker)).problems, [
        { kind: 'root_wrong', size: 20n },
      ]);
    },
    { poolSize: 1 },
  );
});
