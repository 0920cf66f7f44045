/** Opens what of core answers cards and shown codes, on what core has open. */
import { openCards, type CardInput } from '../card/open.ts';
import type { Cards } from '../card/port.ts';
import { openPresented, type PresentedInput } from '../presented/open.ts';
import type { PresentedCodes } from '../presented/port.ts';
import { DEMO_BANK } from './bank-profile.ts';
import { demoSettings } from './demo-settings.ts';
import { readCoreSecret } from './key-file.ts';
import type { Frame } from './process-frame.ts';

/** Cards of ours, at every machine. */
export function openOwnCards(
  { name, config, time, random, log }: Frame,
  parts: Pick<CardInput, 'db' | 'ledger' | 'gate' | 'hsm' | 'partyKey'>,
): Cards {
  const tokenKey = readCoreSecret(config.folder, { process: name, name: 'card-token' });
  return openCards({
    ...parts,
    time,
    random,
    log,
    bank: DEMO_BANK,
    tokenKey: Buffer.from(tokenKey, 'hex'),
    settings: demoSettings(),
  });
}

/** Codes that our customers show at a till. */
export function openOwnPresented(
  { time, random, log }: Frame,
  parts: Pick<PresentedInput, 'db' | 'ledger' | 'gate' | 'partyKey'>,
): PresentedCodes {
  return openPresented({
    ...parts,
    time,
    random,
    log,
    bank: DEMO_BANK,
    settings: demoSettings(),
  });
}
