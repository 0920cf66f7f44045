/** Who has paid whom before: layers of Bloom filters, so that a million customers fit in 16 MB. A layer that is full never changes and is
 * saved once; the oldest is forgotten when there are too many. It may call a first payee known (fewer than 4 in 100 when all
 * layers are full), never a known one first while it remembers. Changed in place. */

const LAYER_BYTES = 256 * 1_024;
const LAYER_BITS = LAYER_BYTES * 8;
/** 16 bits a pair: one false "known" in 2,000 per layer. */
const LAYER_PAIRS = LAYER_BITS / 16;
const LAYERS_MAX = 64;
const PROBES = 7;
/** Small banks begin small. */
const GROW_PAIRS = 512;

export interface PairFilter {
  /** Newest last. */
  readonly layers: Layer[];
  /** Pairs ever added; names layers when they are saved. */
  total: number;
}

interface Layer {
  /** Distinct for ever: the number of layers before it. */
  readonly number: number;
  count: number;
  bits: Uint32Array;
}

/** Knows nobody. */
export function openPairs(): PairFilter {
  return { layers: [], total: 0 };
}

/** Adds a pair; true when it was not there. */
export function addPair(filter: PairFilter, payer: string, payee: string): boolean {
  const first = hashOf(payer, payee, 2_166_136_261);
  const second = hashOf(payee, payer, 40_389) | 1;
  for (let at = filter.layers.length - 1; at >= 0; at--)
    if (has(filter.layers[at]!.bits, first, second)) return false;
  const layer = openLayer(filter);
  put(layer.bits, first, second);
  layer.count++;
  filter.total++;
  return true;
}

function openLayer(filter: PairFilter): Layer {
  const last = filter.layers.at(-1);
  if (last && last.count < capacityOf(last)) return last;
  const isGrown = last === undefined || capacityOf(last) < LAYER_PAIRS;
  const pairs = isGrown
    ? Math.min(LAYER_PAIRS, last ? capacityOf(last) * 4 : GROW_PAIRS)
    : LAYER_PAIRS;
  const layer: Layer = {
    number: (last?.number ?? -1) + 1,
    count: 0,
    bits: new Uint32Array((pairs * 16) / 32),
  };
  filter.layers.push(layer);
  if (filter.layers.length > LAYERS_MAX) filter.layers.shift();
  return layer;
}

function capacityOf({ bits }: Layer): number {
  return (bits.length * 32) / 16;
}

function has(bits: Uint32Array, first: number, second: number): boolean {
  const mask = bits.length * 32 - 1;
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = (first + Math.imul(probe, second)) & mask;
    if ((bits[bit >>> 5]! & (1 << (bit & 31))) === 0) return false;
  }
  return true;
}

function put(bits: Uint32Array, first: number, second: number): void {
  const mask = bits.length * 32 - 1;
  for (let probe = 0; probe < PROBES; probe++) {
    const bit = (first + Math.imul(probe, second)) & mask;
    bits[bit >>> 5]! |= 1 << (bit & 31);
  }
}

/** A short name of a pair for a state that keeps few of them: 64 bits. */
export function pairName(payer: string, payee: string): string {
  const [first, second] = [hashOf(payer, payee, 2_166_136_261), hashOf(payee, payer, 40_389)];
  return `${(first >>> 0).toString(36)}.${(second >>> 0).toString(36)}`;
}

/** FNV-1a over both keys, mixed: they are hashes already, so this only has to keep them apart. */
function hashOf(a: string, b: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < a.length; at++) hash = Math.imul(hash ^ a.charCodeAt(at), 16_777_619);
  for (let at = 0; at < b.length; at++) hash = Math.imul(hash ^ b.charCodeAt(at), 16_777_619);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 12);
}

/** A layer as text, for the snapshot. */
export interface SavedLayer {
  readonly number: number;
  readonly count: number;
  readonly isFull: boolean;
  readonly bits: string;
}

/** The layers whose number is above `above`: what was full at an earlier save has not changed since. */
export function saveLayers(filter: PairFilter, above: number): readonly SavedLayer[] {
  return filter.layers
    .filter(({ number }) => number > above)
    .map((layer) => ({
      number: layer.number,
      count: layer.count,
      isFull: layer.count >= capacityOf(layer),
      bits: Buffer.from(layer.bits.buffer).toString('base64'),
    }));
}

/** The filter of saved layers; one whose size is not a power of two is left out. */
export function loadPairs(saved: readonly SavedLayer[], total: number): PairFilter {
  const layers = saved.flatMap(({ number, count, bits }): Layer[] => {
    const bytes = Buffer.from(bits, 'base64');
    const isSound = bytes.length >= 4 && Number.isInteger(Math.log2(bytes.length));
    return isSound && bytes.length <= LAYER_BYTES
      ? [{ number, count, bits: new Uint32Array(new Uint8Array(bytes).buffer) }]
      : [];
  });
  return { layers: layers.toSorted((a, b) => a.number - b.number).slice(-LAYERS_MAX), total };
}
