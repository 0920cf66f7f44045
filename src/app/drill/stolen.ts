/** The certificate name under which a forged message of the hub comes: half of the kinds are stopped by their name, the others
 * carry the hub's own and must fail by their signature. */
export function networkName(identity: string): string {
  return /rjct|acsc|credit$/.test(identity) ? 'hub' : 'connector:FASTIDJA';
}
