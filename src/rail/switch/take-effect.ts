/** What a management message of theirs does beyond the link itself: keys go to the key port, a cut-over to whoever keeps dates. */
import type { IsoFields } from '../iso8583/spec.ts';
import { APPROVED, type ManagementEffect, type WrappedKey } from './manage.ts';
import type { NetworkContext } from './port.ts';

/** Carries an effect out; DE39, and the fields of the answer that only it knows. */
export async function takeEffect(
  context: NetworkContext,
  input: { readonly link: string; readonly effect: ManagementEffect; readonly code: string },
): Promise<{ readonly code: string; readonly fields?: IsoFields }> {
  const { ports, setting } = context;
  const { link, effect, code } = input;
  if (effect.kind === 'key')
    return { code: await takeKey(context, { link, wrapped: effect.wrapped }) };
  if (effect.kind === 'give_key') {
    const key = await ports.giveKey!(effect.terminal);
    return key === undefined ? { code: setting.codes.keyRefused } : { code, fields: { 120: key } };
  }
  if (effect.kind === 'cut_over')
    await ports.cutOver({ network: setting.name, settlementDate: effect.settlementDate });
  return { code };
}

/** Hands a working key on, and raises an alarm where it is not taken; DE39. */
export async function takeKey(
  { ports, setting }: NetworkContext,
  { link, wrapped }: { readonly link: string; readonly wrapped: WrappedKey },
): Promise<string> {
  const taken = await ports.keys.accept({ network: setting.name, wrapped });
  if (taken === 'accepted') return APPROVED;
  const kind = taken === 'unplanned' ? 'key_unplanned' : 'key_refused';
  ports.alarm({ kind, network: setting.name, link, detail: wrapped.code });
  return setting.codes.keyRefused;
}
