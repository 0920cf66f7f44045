/** Beranda: balances, services with their restrictions, the last payments, unread messages; and the list of banks. */
import type { FastifyRequest } from 'fastify';
import type { Balance } from '../../ledger/port.ts';
import { codeOfBank } from '../../rail/switch/institution.ts';
import { assert } from '../../kernel/assert.ts';
import { sessionOf } from '../session/require.ts';
import { selectWord } from '../../payment/network/store.ts';
import type { MobileDeps } from './port.ts';
import type { Scope } from './register.ts';
import { BanksBody, HomeBody } from './schema.ts';
import { explainBank, showServices, type Customer } from './service.ts';
import { countUnread, selectAccountNumbers, selectCustomer, selectParticipants } from './store.ts';
import { showPayment, wireAmount, type Reader } from './view.ts';

const RECENT_COUNT = 3;
/** The network tells every minute who is open: five of them missed are told to the customer. */
const PARTICIPANTS_OLD_MS = 5 * 60_000;

/** Registers home and banks. */
export function registerHome(scope: Scope, deps: MobileDeps): void {
  const { db, engine, holder, time, explainRestriction } = deps;

  scope.get('/home', { schema: { response: { 200: HomeBody } } }, async (request) => {
    const { subject, language } = sessionOf(request);
    const [customer, reader, recent, unread] = await Promise.all([
      readCustomer(deps, subject),
      readReader(deps, request),
      engine.listOfCustomer(subject),
      countUnread(db, subject),
    ]);
    const balances = await Promise.all(customer.accounts.map((number) => deps.balance(number)));
    return {
      accounts: balances.filter((balance) => balance !== undefined).map(showAccount),
      services: [
        ...showServices({ holder, customer, explainRestriction, language, nowMs: time.now() }),
      ],
      recent: recent.slice(0, RECENT_COUNT).map((payment) => showPayment(payment, reader)),
      unread,
      nowMs: time.now(),
      restrictionsAtMs: holder.current().madeAtMs,
    };
  });

  scope.get('/banks', { schema: { response: { 200: BanksBody } } }, async (request) => {
    const { subject, language } = sessionOf(request);
    const customer = await readCustomer(deps, subject);
    const common = { holder, customer, explainRestriction, language, nowMs: time.now() };
    const [participants, word] = await Promise.all([
      selectParticipants(db),
      selectWord(db, { rail: 'bifast', kind: 'participants' }),
    ]);
    const others = participants.filter(({ bic }) => bic !== deps.bank.bic);
    const onus = explainBank({ ...common, bank: undefined });
    const ours = {
      bic: deps.bank.bic,
      name: deps.bank.name,
      shortName: deps.bank.name,
      code: deps.bank.bankCode,
      isOurs: true,
    };
    return {
      banks: [
        { ...ours, isOpen: onus === undefined, ...(onus ? { explanation: onus } : {}) },
        ...others.map((row) => {
          const explanation = explainBank({ ...common, bank: row.bic });
          const isOnline =
            codeOfBank(row.bic) !== undefined &&
            explainBank({ ...common, bank: row.bic, route: 'switch' }) === undefined;
          const isOpen = isOnline || (row.state === 'open' && explanation === undefined);
          const shown = {
            bic: row.bic,
            name: row.name,
            shortName: row.short_name,
            code: row.bank_code,
            isOurs: false,
            isOpen,
          };
          const closedSince =
            row.state === 'closed' ? { closedSinceMs: row.changed_at.getTime() } : {};
          return { ...shown, ...closedSince, ...(explanation ? { explanation } : {}) };
        }),
      ],
      ...(word && { heardAtMs: word.heardAtMs }),
      isOld: word !== undefined && time.now() - word.heardAtMs > PARTICIPANTS_OLD_MS,
    };
  });
}

/** The facts of a customer that the gate looks at. */
export async function readCustomer(deps: MobileDeps, customerId: string): Promise<Customer> {
  const [row, accounts] = await Promise.all([
    selectCustomer(deps.db, customerId),
    selectAccountNumbers(deps.db, customerId),
  ]);
  assert(row, 'a session belongs to a customer');
  return { accounts, cohortBucket: row.cohort_bucket, isStaff: row.is_staff };
}

/** Who reads, and the bank names that payments mention. */
export async function readReader(deps: MobileDeps, request: FastifyRequest): Promise<Reader> {
  const participants = await selectParticipants(deps.db);
  const { language } = sessionOf(request);
  const bankNames = new Map(participants.map((row) => [row.bic, row.name]));
  return {
    language,
    nowMs: deps.time.now(),
    bank: deps.bank,
    bankNames,
    billNames: new Map(deps.bills.products.map(({ code, name }) => [code, name[language]])),
  };
}

function showAccount(balance: Balance) {
  return {
    number: balance.number,
    name: balance.name,
    state: balance.state,
    available: wireAmount(balance.availableSen),
    held: wireAmount(balance.heldSen),
    pendingCredit: wireAmount(balance.pendingCreditSen),
  };
}
