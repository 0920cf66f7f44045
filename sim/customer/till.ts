/** A till of the demo partner's shops: scans the code that a customer shows and charges it over the bank's partner API. `POST /sim/till/scan` with
 * `qrContent`, `amountRupiah`, `merchantId`, and optionally `reference` (a repeat); `POST /sim/till/status` with `reference`. */
import { parseJson } from '../../src/kernel/wire.ts';
import type { Random } from '../../src/kernel/random.ts';
import type { ControlAnswer, ControlPart } from '../control.ts';
import type { SnapClient } from './snap-client.ts';

type Given = Readonly<Record<string, unknown>>;

const FORMS = {
  qrContent: /^[A-Za-z0-9+/=]{1,512}$/,
  amountRupiah: /^[1-9]\d{0,8}$/,
  merchantId: /^[A-Za-z0-9._-]{1,64}$/,
  reference: /^[A-Za-z0-9._-]{1,64}$/,
} as const;

/** Makes the hand on it. */
export function tillControl(snap: SnapClient, random: Random): ControlPart {
  return async ({ method, path, body }) => {
    if (method !== 'POST' || !path.startsWith('/sim/till/')) return undefined;
    const given = parseJson(body);
    const asked = typeof given === 'object' && given !== null ? (given as Given) : {};
    if (path === '/sim/till/scan') return scan(snap, { reference: newReference(random), ...asked });
    return path === '/sim/till/status' ? status(snap, asked) : undefined;
  };
}

function newReference(random: Random): string {
  return `till${random.bytes(8).toString('hex')}`;
}

async function scan(snap: SnapClient, asked: Given): Promise<ControlAnswer> {
  const wrong = firstWrong(asked, ['qrContent', 'amountRupiah', 'merchantId', 'reference']);
  if (wrong !== undefined) return refused(wrong);
  const answer = await snap.call('/v1.0/qr/qr-cpm-payment', {
    partnerReferenceNo: asked['reference'],
    qrContent: asked['qrContent'],
    amount: { value: `${String(asked['amountRupiah'])}.00`, currency: 'IDR' },
    merchantId: asked['merchantId'],
  });
  return { status: 200, value: { reference: asked['reference'], ...answer } };
}

async function status(snap: SnapClient, asked: Given): Promise<ControlAnswer> {
  const wrong = firstWrong(asked, ['reference']);
  if (wrong !== undefined) return refused(wrong);
  const answer = await snap.call('/v1.0/qr/qr-cpm-query', {
    originalPartnerReferenceNo: asked['reference'],
    serviceCode: '60',
  });
  return { status: 200, value: answer };
}

function firstWrong(asked: Given, names: readonly (keyof typeof FORMS)[]): string | undefined {
  const wrong = names.find((name) => {
    const value = asked[name];
    return (
      !(typeof value === 'string' || typeof value === 'number') || !FORMS[name].test(`${value}`)
    );
  });
  return wrong && `${wrong}: ${FORMS[wrong].source}`;
}

function refused(reason: string): ControlAnswer {
  return { status: 400, value: { ok: false, reason } };
}
