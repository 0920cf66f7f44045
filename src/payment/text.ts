/** One line of well-formed text that PostgreSQL and the rails can hold: control characters become spaces, what is longer
 * than `lengthMax` characters is cut. */
export function plainText(text: string, lengthMax: number): string {
  // oxlint-disable-next-line no-control-regex -- removing them is the point
  const oneLine = text.toWellFormed().replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
  return [...oneLine].slice(0, lengthMax).join('').trim();
}
