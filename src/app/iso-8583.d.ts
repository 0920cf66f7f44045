/** The reference codec of `pulih bench codecs` ships no types: what the bench calls of it. */
declare module 'iso_8583' {
  type Format = { ContentType: string; Label: string; LenType: string; MaxLen: number };
  export default class Iso8583 {
    constructor(message?: Record<string, string>, formats?: Record<string, Format>);
    getBufferMessage(): Buffer | { error: string };
    getIsoJSON(
      bytes: Buffer,
      config?: { bitmapEncoding?: 'utf8' | 'hex'; lenHeader?: boolean },
    ): Record<string, string> | { error: string };
  }
}
