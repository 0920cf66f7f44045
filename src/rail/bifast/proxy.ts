/** A proxy: a mobile number, an e-mail address or another id that stands for an account. Source: domain.md 2.4; the forms of the
 * values are from memory, docs/rail/bifast.md section 4.7. Pure. */

/** `01` mobile number, `02` e-mail, `03` IPT id. */
export type ProxyType = '01' | '02' | '03';

export interface Proxy {
  readonly type: ProxyType;
  readonly value: string;
}

const FORMS: Readonly<Record<ProxyType, RegExp>> = {
  // Country code without a plus; the longest Indonesian mobile number has 13 digits after the leading zero.
  '01': /^62[1-9]\d{7,12}$/,
  '02': /^(?=.{3,100}$)[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/,
  '03': /^[A-Za-z0-9]{1,35}$/,
};

/** True for a value in the one form that its type has on the wire. */
export function isProxy(proxy: { readonly type: string; readonly value: string }): boolean {
  return Object.hasOwn(FORMS, proxy.type) && FORMS[proxy.type as ProxyType].test(proxy.value);
}

/** A proxy as one text, `01:6281…`. */
export function proxyText({ type, value }: Proxy): string {
  return `${type}:${value}`;
}

/** The proxy of such a text; undefined when it is none. */
export function proxyOfText(text: string): Proxy | undefined {
  const [type = '', ...rest] = text.split(':');
  const value = rest.join(':');
  return isProxy({ type, value }) ? { type: type as ProxyType, value } : undefined;
}

/** Longest text that a person may type as a proxy. */
const TYPED_MAX = 120;

/** What a person typed as the one form of the wire: `0812-3456-7890`, `+62 812…` or `Nama@Contoh.id`; undefined when it is neither
 * a number nor an address. Two ways to type one proxy give one value, so that a count or a binding cannot be dodged by spelling. */
export function readProxy(typed: string): Proxy | undefined {
  if (typed.length > TYPED_MAX) return undefined;
  const trimmed = typed.trim().toLowerCase();
  if (trimmed.includes('@')) return checked({ type: '02', value: trimmed });
  if (!/^\+?[\d\s().-]+$/.test(trimmed)) return undefined;
  const digits = trimmed.replace(/\D/g, '');
  const value = digits.startsWith('0') ? `62${digits.slice(1)}` : digits;
  return checked({ type: '01', value });
}

function checked(proxy: Proxy): Proxy | undefined {
  return isProxy(proxy) ? proxy : undefined;
}

/** A proxy for lists, logs and screens of others: `62812****7890`, `na****@contoh.id`. */
export function maskProxy({ type, value }: Proxy): string {
  if (type === '02') {
    const [name = '', host = ''] = value.split('@');
    return `${name.slice(0, 2)}****@${host}`;
  }
  return type === '01' ? `${value.slice(0, 5)}****${value.slice(-4)}` : `****${value.slice(-4)}`;
}

/** The name behind a proxy as it is shown before a transfer: enough to recognise whom one meant, too little to collect names by trying
 * numbers. Each word keeps its first letters: `SITI RAHAYU` = `SI** RA****`. Source: docs/rail/bifast.md section 4.7. */
export function maskName(name: string): string {
  return name
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => {
      const letters = [...word];
      const shown = letters.length <= 2 ? 1 : 2;
      return letters.slice(0, shown).join('') + '*'.repeat(letters.length - shown);
    })
    .join(' ');
}
