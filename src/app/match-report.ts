/** `pulih report match`: the three sides of a business date as CSV, as JSON, or as a page to print. Reads only. */
import { openDb } from '../db/pool.ts';
import { formatRupiah } from '../kernel/money.ts';
import { wallTime, wibDate, wibIso } from '../kernel/time.ts';
import { matchCsv, readMatchDay, type MatchDay, type Side } from '../reconcile/figure.ts';
import { DEMO_BANK } from './bank-profile.ts';
import type { Config } from './config.ts';
import { runningDatabaseUrl } from './run-file.ts';

/** Forms of the report. */
export const MATCH_FORMS = ['csv', 'html', 'json'] as const;
export type MatchForm = (typeof MATCH_FORMS)[number];

/** Prints the report; exit 1 when a rail of the date is not proven, 2 for a date that is none. */
export async function reportMatch(input: {
  readonly config: Config;
  /** WIB, `2026-08-01`. @default today */
  readonly date: string | undefined;
  readonly form: MatchForm;
}): Promise<number> {
  const time = wallTime();
  const date = input.date ?? wibDate(time.now());
  if (!isDate(date)) {
    process.stderr.write('Usage: pulih report match --date YYYY-MM-DD --form csv|html|json\n');
    return 2;
  }
  const url = runningDatabaseUrl(input.config);
  const db = openDb({ url, size: 1, time, name: 'report' });
  try {
    const day = await readMatchDay(db, date);
    process.stdout.write(matchReportText(day, { form: input.form, nowMs: time.now() }));
    return day.rails.every(({ isProven }) => isProven) ? 0 : 1;
  } finally {
    await db.close();
  }
}

function isDate(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  const isWhole = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at);
  return isWhole && new Date(at).toISOString().startsWith(text);
}

/** The report in the form asked for. */
export function matchReportText(
  day: MatchDay,
  as: { readonly form: MatchForm; readonly nowMs: number },
): string {
  if (as.form === 'csv') return matchCsv(day);
  if (as.form === 'html') return matchPage(day, as.nowMs);
  const text = JSON.stringify(day, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return `${text}\n`;
}

/** A page for paper: no script, no address but this text. Every word on it is ours; none comes from outside. */
function matchPage(day: MatchDay, nowMs: number): string {
  const rows = day.figures.map((one) => {
    const rail = day.rails.find((other) => other.rail === one.rail)!;
    const cells = [one.ledger, one.gateway, one.settlement].map(sideText);
    return `<tr><th>${one.rail} ${one.direction === 'out' ? 'keluar' : 'masuk'}</th>${cells
      .map((text) => `<td>${text}</td>`)
      .join('')}<td>${one.differenceCount} · ${formatRupiah(one.differenceSen)}</td>
<td>${rail.openBreaks.count}</td><td>${rail.isProven ? 'Rp0 terbukti' : 'belum terbukti'}</td></tr>`;
  });
  return `<!doctype html><html lang="id"><meta charset="utf-8"><title>Pencocokan ${day.businessDate}</title>
<style>body{font:12px sans-serif;margin:24px}table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #999;padding:6px;text-align:right}th{text-align:left}</style>
<h1>Pencocokan tiga sisi, ${day.businessDate}</h1>
<p>${DEMO_BANK.name} · dibuat ${wibIso(nowMs)}</p>
<table><thead><tr><th>Layanan</th><th>Buku besar</th><th>Gerbang</th><th>Penyelesaian</th><th>Beda</th><th>Selisih terbuka</th><th>Hasil</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>
<p>Diperiksa: ______________________ &nbsp; Disetujui: ______________________</p></html>
`;
}

function sideText({ count, valueSen }: Side): string {
  return `${count}${valueSen === undefined ? '' : ` · ${formatRupiah(valueSen)}`}`;
}
