/** Small real payments from the bank's own account, so that a thin cohort still gives evidence (T11: a stage that waits for
 * traffic that never comes). Runs in core; they are marked synthetic in every count. */
import type { Db } from '../db/pool.ts';
import { sha256 } from '../kernel/canonical.ts';
import type { Log } from '../kernel/log.ts';
import { rupiah, type Sen } from '../kernel/money.ts';
import type { Ticker, Time } from '../kernel/time.ts';
import type { PaymentEngine, TransferRoute } from '../payment/port.ts';
import type { Scope } from '../gate/restriction.ts';
import { recoveryNumbers } from './run.ts';
import { runningStage } from './store.ts';

/** Where synthetic payments go: accounts of ours at other banks that were agreed with them. */
export interface SyntheticRoute {
  readonly debitAccount: string;
  readonly targets: readonly {
    readonly bank: string;
    readonly account: string;
    readonly name: string;
  }[];
}

/** By rail, at least the rail's own minimum. */
const AMOUNT: Readonly<Record<TransferRoute, Sen>> = {
  bifast: rupiah(1_000),
  switch: rupiah(10_000),
};
const EVERY_MS = 15_000;

function scopeOf(body: string | null): Scope {
  return body === null ? {} : (JSON.parse(body) as { readonly scope: Scope }).scope; // the guard writes it
}

/** The way by which a small transfer of ours would tell how what the scope closed is doing; undefined where none does: cash, shops and bills
 * are for people to try. */
export function syntheticWay({ rail = 'bifast', product }: Scope): TransferRoute | undefined {
  if (product !== undefined && product !== 'transfer') return undefined;
  return rail === 'bifast' || rail === 'switch' ? rail : undefined;
}

/** Every 15 s, while a stage has fewer payments than it needs, sends one. Several cores: the key lets one through. */
export function startSynthetic(input: {
  readonly db: Db;
  readonly engine: PaymentEngine;
  readonly time: Time;
  readonly log: Log;
  readonly route: SyntheticRoute;
}): Ticker {
  const { db, engine, time, log, route } = input;
  const fill = async (): Promise<void> => {
    const stage = await runningStage(db);
    const way = stage && syntheticWay(scopeOf(stage.body));
    if (!stage || !way) return;
    const numbers = await recoveryNumbers(db, time.now());
    const evidence = JSON.parse(stage.evidence) as {
      settled?: number;
      technicalFailures?: number;
      unknown?: number;
    };
    const count =
      (evidence.settled ?? 0) + (evidence.technicalFailures ?? 0) + (evidence.unknown ?? 0);
    if (count >= numbers.paymentCountMin) return;
    const slot = Math.floor(time.now() / EVERY_MS);
    const target = route.targets[slot % route.targets.length];
    if (!target) return;
    const key = `synthetic:${stage.release_id}:${stage.stage}:${slot}`;
    const result = await engine.submit({
      channel: 'synthetic',
      key,
      requestHash: sha256(key),
      debitAccount: route.debitAccount,
      creditorBank: target.bank,
      creditorAccount: target.account,
      creditorName: target.name,
      route: way,
      amount: AMOUNT[way],
      remark: 'uji pemulihan',
    });
    if (!result.ok)
      log.warn({ reason: result.reason, releaseId: stage.release_id }, 'synthetic.refused');
  };
  return time.every(EVERY_MS, fill, (error) =>
    log.error({ error: String(error) }, 'synthetic.failed'),
  );
}
