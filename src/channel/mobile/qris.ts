/** Reading a QRIS code for a customer: what it says, what to beware of, or why it is refused. Nothing moves and nothing is written. */
import type { Static } from 'typebox';
import { formatRupiah } from '../../kernel/money.ts';
import { isPayable } from '../../merchant/payable.ts';
import type { CodeReading } from '../../merchant/port.ts';
import { watchCode } from '../../merchant/warning.ts';
import type { Language } from '../../notify/template.ts';
import { decideDue, writePercent, type Tip } from '../../rail/qris/amount.ts';
import { nnsOf, payeePan, promptedFields, type QrisCode } from '../../rail/qris/code.ts';
import { decodeQris } from '../../rail/qris/decode.ts';
import type { QrisFault } from '../../rail/qris/fault.ts';
import type { QrisRules } from '../../rail/qris/rules.ts';
import { sessionOf } from '../session/require.ts';
import type { MobileDeps } from './port.ts';
import { isPersonCode } from './qris-person.ts';
import { QRIS_WORDS, REFUSAL_GROUP, type WarningCode } from './qris-words.ts';
import type { Scope } from './register.ts';
import { QrisReadAnswer, QrisReadBody } from './schema-qris.ts';
import { wireAmount } from './view.ts';

type Answer = Static<typeof QrisReadAnswer>;

/** A person scans a few codes a minute; more is somebody who tries merchants' numbers. */
export const READ_RATE = { rateLimit: { max: 30, timeWindow: 60_000 } } as const;

/** Registers it. */
export function registerQris(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/qris/read',
    { config: READ_RATE, schema: { body: QrisReadBody, response: { 200: QrisReadAnswer } } },
    async (request): Promise<Answer> => {
      const { language, subject } = sessionOf(request);
      const rules = deps.merchants.rules();
      const decoded = decodeQris(request.body.payload.trim(), rules);
      if (!decoded.ok) return { warnings: [], refusal: refusalOf(decoded.fault, language) };
      const { code } = decoded;
      const reading: CodeReading =
        code.kind === 'merchant' ? await deps.merchants.examine(code) : { warnings: [] };
      if (code.kind === 'merchant')
        await watchCode(deps, { code, reading, channel: 'mobile', scannedBy: subject });
      const found = [...reading.warnings, ...decoded.warnings.map((one) => one.code)];
      return {
        content: showCode({ code, rules, language }),
        warnings: found.map((one) => showWarning(one, language)),
        ...notPayableOf(deps, { code, rules, reading, language }),
      };
    },
  );
}

/** A refusal in words, with the rule for whoever helps the customer. */
export function refusalOf(fault: QrisFault, language: Language): NonNullable<Answer['refusal']> {
  const { code, tag, subTag } = fault;
  // What has no first tag never was a code of this kind, and neither is text without any tag.
  const isOther =
    (code === 'structure_broken' && tag === undefined) || (code === 'missing_tag' && tag === '00');
  const group = isOther ? 'not_qris' : REFUSAL_GROUP[code];
  const at = [tag, subTag].filter((part) => part !== undefined).join('-');
  return {
    rule: code,
    ...(at !== '' && { tag: at }),
    ...QRIS_WORDS[language].refusal[group],
  };
}

function showWarning(code: WarningCode, language: Language): Answer['warnings'][number] {
  return { code, ...QRIS_WORDS[language].warning[code] };
}

interface Shown {
  readonly code: QrisCode;
  readonly rules: QrisRules;
  readonly language: Language;
}

/** A code as the app shows it. */
export function showCode({ code, rules, language }: Shown): NonNullable<Answer['content']> {
  const words = QRIS_WORDS[language];
  const tip = tipText(code.tip, language);
  const pan = payeePan(code);
  const due = dueOf(code, rules);
  const nmid = code.kind === 'merchant' ? code.repository?.nmid : undefined;
  const { billNumber, terminalLabel } = code.additional ?? {};
  const asked = promptedFields(code);
  return {
    kind: code.kind,
    kindText: words.kind[code.kind],
    method: code.method,
    methodText: words.method[code.method],
    name: code.name,
    city: code.city,
    institution: (pan && rules.institutions.get(nnsOf(pan))?.name) ?? '',
    asks: asked.map((name) => words.asks[name]),
    isTipAsked: code.tip.kind === 'prompt',
    ...(nmid !== undefined && { nmid }),
    ...(code.amountSen !== undefined && { amount: wireAmount(code.amountSen) }),
    ...(tip !== undefined && { tip }),
    ...(due?.ok && { due: { tip: wireAmount(due.tipSen), total: wireAmount(due.totalSen) } }),
    ...(isSaid(billNumber, asked.includes('billNumber')) && { billNumber }),
    ...(isSaid(terminalLabel, asked.includes('terminalLabel')) && { terminal: terminalLabel }),
  };
}

function isSaid(text: string | undefined, isAsked: boolean): text is string {
  return text !== undefined && !isAsked;
}

function dueOf(code: QrisCode, rules: QrisRules): ReturnType<typeof decideDue> | undefined {
  const { amountSen, tip } = code;
  return amountSen === undefined ? undefined : decideDue({ amountSen, tip, capSen: rules.capSen });
}

/** Why it cannot be paid here, the closest reason first: a used or expired code, one above the limit; else that it is no code of a
 * merchant, that something speaks against it, or that it asks for what the app has no field for. Nothing: it can. */
export function notPayableOf(
  deps: Pick<MobileDeps, 'bank'>,
  input: Shown & { readonly reading: CodeReading },
): Pick<Answer, 'notPayable'> {
  const words = QRIS_WORDS[input.language];
  const { life } = input.reading;
  if (life === 'used' || life === 'expired') return { notPayable: words[life] };
  if (dueOf(input.code, input.rules)?.ok === false) return { notPayable: words.aboveCap };
  // Whose it is, is looked up when it is quoted.
  const isSent = isPersonCode(input.code) && promptedFields(input.code).length === 0;
  return isSent || isPayable(deps, input) ? {} : { notPayable: words.absent };
}

function tipText(tip: Tip, language: Language): string | undefined {
  const words = QRIS_WORDS[language];
  switch (tip.kind) {
    case 'none':
      return undefined;
    case 'prompt':
      return words.tipPrompt;
    case 'fixed':
      return words.tipFixed(formatRupiah(tip.feeSen));
    case 'percent': {
      const percent = writePercent(tip.hundredths);
      return words.tipPercent(language === 'id' ? percent.replace('.', ',') : percent);
    }
  }
}
