/** Opens the codes that our customers show at a till: the service that channels and the network ask. */
import { openFacts } from '../payment/facts.ts';
import { openParties } from '../payment/party.ts';
import { openScreening } from '../payment/screening/screening.ts';
import { settingsReader, type PaymentSettings } from '../payment/settings.ts';
import type { PresentedContext } from './context.ts';
import { cancelPresented, makePresented, readTerms } from './make.ts';
import type { PresentedCodes } from './port.ts';
import { payOwn } from './pay-own.ts';
import { selectOfCustomer } from './store.ts';
import { takePresented } from './take.ts';

export type PresentedInput = Omit<
  PresentedContext,
  'settings' | 'facts' | 'parties' | 'screening'
> & {
  /** 32 bytes: the engine's own, so that a payee is the same to every restriction. */
  readonly partyKey: Buffer;
  /** Put over the defaults; rows of `setting` go over both. */
  readonly settings: Partial<PaymentSettings>;
};

/** Opens the service. Several processes may run it against one database. */
export function openPresented(input: PresentedInput): PresentedCodes {
  const { partyKey, settings, ...ports } = input;
  const { db, time, log } = input;
  const context: PresentedContext = {
    ...ports,
    settings: settingsReader({ db, time, log, over: settings }),
    facts: openFacts(db, time),
    parties: openParties(partyKey),
    screening: openScreening({ db, time, log }),
  };
  return {
    terms: () => readTerms(context),
    make: (asked) => makePresented(context, asked),
    find: (of) => selectOfCustomer(db, of),
    cancel: (of) => cancelPresented(context, of),
    payOwn: (scan) => payOwn(context, scan),
    take: (notice) => takePresented(context, notice),
  };
}
