/** Asks the signer for tokens of committed authorisations. Core composes it over the wire and batches the calls.
 * Throws on a transport fault: nothing was sent, so the caller may ask again. */
export type SignerPort = (jtis: readonly string[]) => Promise<{
  readonly tokens: Readonly<Record<string, string>>;
  /** jti → why the signer would not sign it. */
  readonly refused: Readonly<Record<string, string>>;
}>;
