/** What `pulih stop` shows before it closes a rail, and the word that is typed to go on (T20). Bahasa Indonesia first. Figures come from the
 * gateway itself, so that they are there when every other process is dead. Pure. */
import { RAIL_NAMES, isRailName, type RailName } from '../authorisation/instruction.ts';
import { TRAFFIC_MINUTES } from '../gateway/traffic.ts';
import { formatRupiah } from '../kernel/money.ts';

interface Stop {
  readonly rail: RailName;
  readonly direction: 'out' | 'in';
}

const NAMES: Readonly<Record<RailName, string>> = {
  bifast: 'BI-FAST',
  switch: 'ONLINE',
  qris: 'QRIS',
  biller: 'TAGIHAN',
};

/** What is typed to confirm: `BI-FAST KELUAR`, as in the console. */
export function confirmWordOf({ rail, direction }: Stop): string {
  return `${NAMES[rail]} ${direction === 'in' ? 'MASUK' : 'KELUAR'}`;
}

/** True for the word, however it is cased and spaced. */
export function isConfirmed(stop: Stop, typed: string | undefined): boolean {
  const plain = (text: string): string => text.trim().replaceAll(/\s+/g, ' ').toUpperCase();
  return typed !== undefined && plain(typed) === confirmWordOf(stop);
}

/** What one gateway said of its last minutes; undefined when it could not be asked. */
export interface GatewayFigures {
  readonly partition: string;
  readonly recent: Readonly<Record<string, { count?: unknown; amountSen?: unknown }>> | undefined;
}

/** Lines to show. */
export function stopPreview(stop: Stop, gateways: readonly GatewayFigures[]): readonly string[] {
  const stays = [
    ...RAIL_NAMES.filter((rail) => rail !== stop.rail).map((rail) => NAMES[rail]),
    `${NAMES[stop.rail]} ${stop.direction === 'in' ? 'KELUAR' : 'MASUK'}`,
    'SESAMA BANK',
  ];
  return [
    `Yang berhenti / stops: ${confirmWordOf(stop)}, semua kanal dan bank / every channel and bank`,
    `Yang tetap buka / stays open: ${stays.join(', ')}`,
    'Yang sudah dikirim tetap ditanyakan sampai pasti / what was sent is asked about until it is certain',
    ...gateways.map((one) => figuresOf(stop, one)),
  ];
}

function figuresOf({ rail, direction }: Stop, { partition, recent }: GatewayFigures): string {
  if (direction === 'in')
    return `${partition}: dana masuk tidak dihitung di sini / incoming is not counted here`;
  if (!recent) return `${partition}: angka tidak tersedia / no figures`;
  const seen = isRailName(rail) ? recent[rail] : undefined;
  const count = Number(seen?.count ?? 0);
  const sen = /^\d{1,30}$/.test(String(seen?.amountSen)) ? BigInt(String(seen?.amountSen)) : 0n;
  const perMinute = Math.ceil(count / TRAFFIC_MINUTES);
  const value = formatRupiah((sen / BigInt(TRAFFIC_MINUTES) / 100n) * 100n);
  return `${partition}: ±${perMinute} transaksi per menit, ${value} / ±${perMinute} payments a minute`;
}
