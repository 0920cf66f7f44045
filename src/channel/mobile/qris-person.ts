/** Sending by QRIS Transfer: the code of a person, at our bank or another one, quoted and agreed to. Our own code that receives money is drawn here too. The PIN and
 * the one call that moves money are those of every transfer (`transfer.ts`). Source: domain.md 1.6. */
import type { Static } from 'typebox';
import { formatRupiah, parseIdr, sen, type Sen } from '../../kernel/money.ts';
import { globalIdOf } from '../../merchant/decide-code.ts';
import type { CodeTransferTerms, TransferQuote } from '../../payment/port.ts';
import { customerPanOf } from '../../payment/qris-draft.ts';
import { NO_ADDITIONAL, nnsOf, type QrisCode, type TransferCode } from '../../rail/qris/code.ts';
import { decodeQris } from '../../rail/qris/decode.ts';
import { encodeQris, uniqueDataText } from '../../rail/qris/encode.ts';
import { nnsOfBank } from '../../rail/qris/nns.ts';
import { bankOfNns } from '../../rail/switch/institution.ts';
import type { Session } from '../session/access.ts';
import { sessionOf } from '../session/require.ts';
import type { MobileDeps } from './port.ts';
import { Refused } from './problem.ts';
import { QRIS_WORDS } from './qris-words.ts';
import type { Scope } from './register.ts';
import { QrisReceiveAnswer, QrisReceiveBody, type QrisQuoteBody } from './schema-qris.ts';
import { selectAccountNumbers } from './store.ts';

/** Names of other banks' customers are as long as a code holds. */
const NAME_MAX = 25;
const CATEGORY = '4829';
/** 62-08: within the bank or to another one. */
const PURPOSE = 'DMCT';
const SENDABLE: ReadonlySet<string> = new Set(['DMCT', 'BOOK']);
const UNIQUE_BYTES = 12;
/** A code names the city and the postal code of the bank's seat: those of a person are nobody's business. */
const SEAT = { city: 'JAKARTA', postalCode: '10110' } as const;

/** Whom a person's code names, as a payment names it and as a person reads it. */
export interface Person {
  readonly bank: string;
  readonly account: string;
  readonly name: string;
  /** The bank's name. */
  readonly place: string;
  readonly part: { readonly codeTransfer?: CodeTransferTerms };
}

/** The code in `payload` where it is a person's; undefined for every other text. */
export function personCodeOf(
  { merchants }: Pick<MobileDeps, 'merchants'>,
  payload: string,
): TransferCode | undefined {
  const decoded = decodeQris(payload.trim(), merchants.rules());
  return decoded.ok && isPersonCode(decoded.code) ? decoded.code : undefined;
}

/** True for a code that receives money as a transfer in rupiah: not one for cash, nor one for another country. */
export function isPersonCode(code: QrisCode): code is TransferCode {
  return code.kind === 'transfer' && SENDABLE.has(code.additional?.purpose ?? '');
}

/** Who gets it. Of an account of ours the name is our own record's, and a code that names it otherwise is not ours. Throws DbFault. */
export async function personOf(deps: MobileDeps, code: TransferCode): Promise<Person> {
  const { account, name, city, uniqueData } = code;
  const nns = nnsOf(account.pan);
  const bank = bankOfNns(nns);
  if (bank === undefined) throw new Refused('qris_not_payable');
  const place = deps.merchants.rules().institutions.get(nns)?.name ?? bank;
  if (nns !== nnsOfBank(deps.bank.bankCode)) {
    const codeTransfer = { receiver: nns, payeePan: account.pan, city, uniqueData };
    const shown = { bank, account: account.beneficiary, name: name.trim(), place };
    return { ...shown, part: { codeTransfer } };
  }
  const known = await deps.engine.checkName({
    bank: deps.bank.bic,
    account: account.beneficiary,
    amount: sen(0n),
  });
  if (known.found !== true || nameIn(known.name) !== name.trim())
    throw new Refused('qris_not_payable');
  const own = { bank: deps.bank.bic, account: account.beneficiary, name: known.name };
  return { ...own, place: deps.bank.name, part: {} };
}

/** A name as a code holds it. */
function nameIn(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/[^\x20-\x7e]|\|/g, '')
    .slice(0, NAME_MAX)
    .trim();
}

/** What sending by the code costs and whether it is open, before the PIN. */
export async function quotePerson(
  deps: MobileDeps,
  input: {
    readonly session: Session;
    readonly code: TransferCode;
    readonly terms: Static<typeof QrisQuoteBody>;
  },
): Promise<{
  readonly quote: TransferQuote;
  readonly person: Person;
  readonly amountSen: Sen;
  readonly text: string;
}> {
  const { session, code, terms } = input;
  const typed = terms.amount && parseIdr(terms.amount.value);
  // Who types another amount than the code has means another code.
  if (code.amountSen !== undefined && typed !== undefined && typed !== code.amountSen)
    throw new Refused('terms_changed');
  const amountSen = code.amountSen ?? typed;
  if (amountSen === undefined || amountSen <= 0n) throw new Refused('amount_not_positive');
  if (amountSen > deps.merchants.rules().capSen) throw new Refused('above_rail_cap');
  if (!(await selectAccountNumbers(deps.db, session.subject)).includes(terms.fromAccount))
    throw new Refused('account_not_yours');
  const person = await personOf(deps, code);
  if (person.account === terms.fromAccount && person.bank === deps.bank.bic)
    throw new Refused('same_account');
  const quote = await deps.engine.quote({
    channel: 'mobile',
    debitAccount: terms.fromAccount,
    creditorBank: person.bank,
    creditorAccount: person.account,
    amount: amountSen,
    mayWait: person.bank === deps.bank.bic,
    ...person.part,
  });
  const text = QRIS_WORDS[session.language].consentPerson({
    amount: formatRupiah(amountSen),
    fee: quote.feeSen > 0n ? formatRupiah(quote.feeSen) : undefined,
    name: person.name,
    bank: person.place,
    account: person.account,
    fromAccount: terms.fromAccount,
  });
  return { quote, person, amountSen, text };
}

/** Registers the code with which a customer receives money. It holds no secret: it names an account, as its number does, and money only comes by it. */
export function registerQrisReceive(scope: Scope, deps: MobileDeps): void {
  scope.post(
    '/qris/receive',
    { schema: { body: QrisReceiveBody, response: { 200: QrisReceiveAnswer } } },
    async (request) => {
      const session = sessionOf(request);
      const { account } = request.body;
      if (!(await selectAccountNumbers(deps.db, session.subject)).includes(account))
        throw new Refused('account_not_yours');
      const amountSen = request.body.amount && parseIdr(request.body.amount.value);
      if (amountSen !== undefined && amountSen > deps.merchants.rules().capSen)
        throw new Refused('above_rail_cap');
      const holder = await deps.engine.checkName({
        bank: deps.bank.bic,
        account,
        amount: sen(0n),
      });
      if (holder.found !== true) throw new Refused('account_not_found');
      return {
        payload: ownCode(deps, {
          customerId: session.subject,
          account,
          name: holder.name,
          amountSen,
        }),
        name: holder.name,
      };
    },
  );
}

function ownCode(
  { bank, random }: Pick<MobileDeps, 'bank' | 'random'>,
  of: {
    readonly customerId: string;
    readonly account: string;
    readonly name: string;
    readonly amountSen: Sen | undefined;
  },
): string {
  const uniqueData = random.bytes(UNIQUE_BYTES).toString('hex').toUpperCase();
  return encodeQris({
    kind: 'transfer',
    statedMethod: 'dynamic',
    method: 'dynamic',
    category: CATEGORY,
    account: {
      globalId: globalIdOf(bank.bic),
      pan: customerPanOf({ institution: bank.bankCode, payer: of.customerId }),
      beneficiary: of.account,
      bic: bank.bic,
      other: [],
    },
    uniqueData,
    amountSen: of.amountSen,
    tip: { kind: 'none' },
    name: nameIn(of.name),
    ...SEAT,
    additional: { ...NO_ADDITIONAL, purpose: PURPOSE, proprietary: uniqueDataText(uniqueData) },
    languageText: undefined,
    other: [],
  });
}
