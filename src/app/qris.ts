/** `pulih qris decode` and `draw`: what a code says, or the rule that it breaks; its picture. Decides nothing. */
import { writeFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { formatIdr, formatRupiah } from '../kernel/money.ts';
import { wallTime, wibDate } from '../kernel/time.ts';
import { codePng, codeSvg } from '../merchant/picture.ts';
import { writePercent, type Tip } from '../rail/qris/amount.ts';
import { criteriaOf, nnsOf, promptedFields, type QrisCode } from '../rail/qris/code.ts';
import { decodeQris, type Decoded } from '../rail/qris/decode.ts';
import { nnsOfBank } from '../rail/qris/nns.ts';
import { qrisRules } from '../rail/qris/rules.ts';
import { DEMO_BANK } from './bank-profile.ts';

/** More than any code has: whatever comes after is not read as one. */
const INPUT_MAX = 4_096;

/** Reads a payload (from standard input where none is typed) and prints what it says, or draws it into the file `to`. Exit 1 when it
 * is refused: nobody prints a code that no app would take. */
export async function qris(input: {
  readonly payload: string | undefined;
  readonly asJson: boolean;
  readonly to?: string | undefined;
}): Promise<number> {
  const typed = input.payload ?? (await textOf(process.stdin)).slice(0, INPUT_MAX);
  const own = { nns: nnsOfBank(DEMO_BANK.bankCode), name: DEMO_BANK.name };
  const rules = qrisRules(wibDate(wallTime().now()), own);
  // A line end is the shell's, not the code's.
  const payload = typed.replace(/\r?\n$/, '');
  const decoded = decodeQris(payload, rules);
  const nameOf = (pan: string): string => rules.institutions.get(nnsOf(pan))?.name ?? '';
  const said = input.asJson ? JSON.stringify(qrisJson(decoded, nameOf)) : qrisText(decoded, nameOf);
  if (decoded.ok && input.to !== undefined)
    writeFileSync(input.to, input.to.endsWith('.svg') ? codeSvg(payload) : codePng(payload));
  process.stdout.write(`${said}\n`);
  return decoded.ok ? 0 : 1;
}

type NameOf = (pan: string) => string;

/** A decoded code as JSON: amounts as decimal strings, absent fields left out; or `{error: {code, tag?, subTag?}}`. */
export function qrisJson(decoded: Decoded, nameOf: NameOf): Readonly<Record<string, unknown>> {
  if (!decoded.ok) return { error: decoded.fault };
  const { code, warnings } = decoded;
  return {
    kind: code.kind,
    method: code.method,
    merchantName: code.name,
    merchantCity: code.city,
    postalCode: code.postalCode,
    country: 'ID',
    currency: 'IDR',
    category: code.category,
    amount: code.amountSen === undefined ? undefined : formatIdr(code.amountSen),
    tip: tipJson(code.tip),
    ...payeeJson(code, nameOf),
    additional: code.additional,
    prompted: promptedFields(code),
    languageText: code.languageText,
    other: code.other,
    warnings,
  };
}

function payeeJson(code: QrisCode, nameOf: NameOf): Readonly<Record<string, unknown>> {
  if (code.kind !== 'merchant') {
    const account = { ...code.account, institution: nameOf(code.account.pan) };
    return { account, uniqueData: code.uniqueData };
  }
  return {
    nmid: code.repository?.nmid,
    criteria: criteriaOf(code),
    accounts: code.accounts.map(({ tag, ...account }) => ({
      tag: String(tag),
      ...account,
      institution: nameOf(account.pan),
    })),
    repository: code.repository,
  };
}

function tipJson(tip: Tip): Readonly<Record<string, unknown>> {
  switch (tip.kind) {
    case 'fixed':
      return { kind: 'fixed', fee: formatIdr(tip.feeSen) };
    case 'percent':
      return { kind: 'percent', percent: writePercent(tip.hundredths) };
    default:
      return tip;
  }
}

const KIND_WORDS = {
  merchant: 'Pembayaran ke pedagang / Payment to a merchant',
  transfer: 'QRIS Transfer / QRIS transfer',
  cash_out: 'Tarik Tunai / Cash withdrawal',
  cash_in: 'Setor Tunai / Cash deposit',
} as const;

const WARNING_WORDS = {
  check_digit_wrong: 'angka pemeriksa PAN salah / the check digit of the PAN is wrong',
  static_with_amount: 'kode statis berisi nominal / a static code holds an amount',
} as const;

/** A decoded code for people, in both languages. */
function qrisText(decoded: Decoded, nameOf: NameOf): string {
  if (!decoded.ok) {
    const { code, tag, subTag } = decoded.fault;
    const at = tag === undefined ? '' : `, tag ${tag}${subTag === undefined ? '' : `-${subTag}`}`;
    return `Kode ditolak / Code refused: ${code}${at}`;
  }
  const { code, warnings } = decoded;
  const lines: (readonly [string, string | undefined])[] = [
    ['Jenis / Kind', KIND_WORDS[code.kind]],
    ['Cara / Method', code.method === 'static' ? 'statis / static' : 'dinamis / dynamic'],
    ['Nama / Name', code.name],
    ['Kota / City', `${code.city} ${code.postalCode}`],
    ['Lembaga / Institution', institutionsOf(code, nameOf)],
    ['NMID', code.kind === 'merchant' ? code.repository?.nmid : undefined],
    ['Kriteria / Class', code.kind === 'merchant' ? criteriaOf(code) : undefined],
    ['MCC', code.category],
    ['Nominal / Amount', amountText(code)],
    ['Tip', tipText(code.tip)],
    ['Tagihan / Bill', code.additional?.billNumber],
    ['Referensi / Reference', code.additional?.referenceLabel],
    ['Terminal', code.additional?.terminalLabel],
    ...warnings.map(
      (one) => ['Peringatan / Warning', `${WARNING_WORDS[one.code]} (${one.tag})`] as const,
    ),
  ];
  return lines
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name.padEnd(22)} ${value}`]))
    .join('\n');
}

function institutionsOf(code: QrisCode, nameOf: NameOf): string {
  const pans = code.kind === 'merchant' ? code.accounts.map(({ pan }) => pan) : [code.account.pan];
  return pans.map(nameOf).join(', ');
}

function amountText(code: QrisCode): string {
  return code.amountSen === undefined
    ? 'diketik pembayar / typed by the payer'
    : formatRupiah(code.amountSen);
}

function tipText(tip: Tip): string | undefined {
  switch (tip.kind) {
    case 'none':
      return undefined;
    case 'prompt':
      return 'sukarela / as the payer likes';
    case 'fixed':
      return formatRupiah(tip.feeSen);
    case 'percent':
      return `${writePercent(tip.hundredths)} %`;
  }
}
