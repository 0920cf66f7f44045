const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Takes the white space out of JSON text, outside strings only, and changes nothing else: keys stay in their order, numbers and
 * escapes keep their spelling. Does not check that the text is JSON.
 * Shape: returns `json` itself when there is nothing to take out. Source: domain.md 3.3 (ASPI: minify of the request body). */
export function minify(json: Buffer): Buffer {
  let out: Buffer | undefined;
  let length = 0;
  let isInString = false;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]!;
    if (isInString) {
      if (byte === BACKSLASH && i + 1 < json.length) {
        if (out) out[length] = byte;
        length++;
        i++;
      } else if (byte === QUOTE) {
        isInString = false;
      }
    } else if (byte === QUOTE) {
      isInString = true;
    } else if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) {
      out ??= Buffer.from(json);
      continue;
    }
    if (out) out[length] = json[i]!;
    length++;
  }
  return out ? out.subarray(0, length) : json;
}
