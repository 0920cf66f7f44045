/** The check digit of a PAN (mod 10, ISO/IEC 7812): every second digit from the right doubled. Source: domain.md 1.3. */
const ZERO = 0x30;

/** True when the last digit fits. `pan` is digits only. */
export function hasCheckDigit(pan: string): boolean {
  return luhnSum(pan, false) % 10 === 0;
}

/** The digit that belongs after these digits. */
export function checkDigitOf(digits: string): string {
  return String((10 - (luhnSum(digits, true) % 10)) % 10);
}

function luhnSum(digits: string, isLastDoubled: boolean): number {
  let sum = 0;
  let isDoubled = isLastDoubled;
  for (let i = digits.length - 1; i >= 0; i--) {
    const digit = digits.charCodeAt(i) - ZERO;
    const twice = digit * 2;
    sum += isDoubled ? (twice > 9 ? twice - 9 : twice) : digit;
    isDoubled = !isDoubled;
  }
  return sum;
}
