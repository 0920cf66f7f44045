/** What was typed after `pulih partner bind`, `unbind`, `redirect`, `endpoint`, `va-service`, `va-channel`, `debit` or `merchant` as a change
 * of what is arranged with a partner. Pure but for the file that it is handed a reader for. */
import type {
  Arrangement,
  ArrangementChange,
  EndedArrangement,
} from '../../channel/snap/partner/arrangement.ts';
import { needed, oneOf } from './flag.ts';
import { UsageError, text, type Typed } from '../verb.ts';

/** The verbs that arrange and, with `--end`, end. */
const VERBS = [
  'bind',
  'unbind',
  'redirect',
  'endpoint',
  'va-service',
  'va-channel',
  'debit',
  'merchant',
] as const;
type ArrangementVerb = (typeof VERBS)[number];

/** What a new arrangement says and its end does not. */
const VALUES = [
  'account',
  'until',
  'url',
  'kind',
  'client-id',
  'channel-id',
  'secret-file',
] as const;

/** Whether a verb is about what is arranged. */
export function isArrangementVerb(verb: string): verb is ArrangementVerb {
  return VERBS.some((one) => one === verb);
}

interface Asked {
  readonly verb: ArrangementVerb;
  readonly typed: Typed;
  /** A file's text. */
  readonly read: (path: string) => string;
}

/** Reads it. Throws UsageError. */
export function readArrangement(asked: Asked): ArrangementChange {
  const { verb, typed } = asked;
  if (verb === 'unbind' || typed.flags['end'] === true)
    return { kind: 'end', ended: readEnded(verb, typed) };
  return { kind: 'arrange', arrangement: readNew(asked) };
}

function readEnded(verb: ArrangementVerb, typed: Typed): EndedArrangement {
  const [ended, names] = endedBy(verb, typed);
  // Whoever says more may believe that it counts.
  const more = VALUES.find((name) => text(typed, name) !== undefined && !names.includes(name));
  if (more !== undefined) throw new UsageError(`an end takes no --${more}`);
  return ended;
}

/** What ends, and the flags that name it. */
function endedBy(
  verb: ArrangementVerb,
  typed: Typed,
): readonly [EndedArrangement, readonly string[]] {
  switch (verb) {
    case 'bind':
      throw new UsageError('unbind ends what bind began');
    case 'unbind':
      return [{ what: 'account', account: needed(typed, 'account') }, ['account']];
    case 'redirect':
      return [{ what: 'redirect', url: needed(typed, 'url') }, ['url']];
    case 'endpoint':
      return [{ what: 'endpoint' }, []];
    case 'va-service':
      return [{ what: 'vaService', serviceId: needed(typed, 'service-id') }, []];
    case 'va-channel':
      return [{ what: 'vaChannel' }, []];
    case 'debit':
      return [{ what: 'debit' }, []];
    case 'merchant':
      return [{ what: 'merchant', merchantId: needed(typed, 'merchant') }, []];
  }
}

function readNew({ verb, typed, read }: Asked & { readonly verb: string }): Arrangement {
  switch (verb) {
    case 'redirect':
      return { what: 'redirect', url: needed(typed, 'url') };
    case 'endpoint':
      return readEndpoint(typed, read);
    case 'va-service':
      return {
        what: 'vaService',
        serviceId: needed(typed, 'service-id'),
        account: needed(typed, 'account'),
      };
    case 'va-channel':
      return { what: 'vaChannel', account: needed(typed, 'account') };
    case 'debit':
      return { what: 'debit', account: needed(typed, 'account') };
    case 'merchant':
      return { what: 'merchant', merchantId: needed(typed, 'merchant') };
    default:
      return readBinding(typed);
  }
}

function readBinding(typed: Typed): Arrangement {
  const account = needed(typed, 'account');
  const until = text(typed, 'until');
  if (until === undefined) return { what: 'account', account };
  const validUntilMs = Date.parse(until);
  if (!Number.isFinite(validUntilMs))
    throw new UsageError('--until takes an instant, 2027-08-01T00:00+07:00');
  return { what: 'account', account, validUntilMs };
}

function readEndpoint(typed: Typed, read: (path: string) => string): Arrangement {
  const endpoint = {
    what: 'endpoint',
    baseUrl: needed(typed, 'url'),
    clientId: needed(typed, 'client-id'),
    channelId: needed(typed, 'channel-id'),
  } as const;
  if (oneOf(typed, 'kind', ['symmetric', 'asymmetric'] as const) === 'symmetric')
    // The partner gave it to us: a file that is not there is a mistake, never a reason to make a secret.
    return { ...endpoint, secret: read(needed(typed, 'secret-file')).trim() };
  if (text(typed, 'secret-file') !== undefined)
    throw new UsageError('an asymmetric endpoint takes no --secret-file');
  return endpoint;
}
