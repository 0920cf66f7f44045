/** A flow as text and back. What is large and no longer changes is its own part, saved once; the rest is one JSON text a minute. A restart
 * reads both and folds what came after (tail.ts). Pure. */
import { loadPairs, saveLayers, type SavedLayer } from './pair-filter.ts';
import { firstState, type FlowState } from './fold.ts';

/** Where a flow stands in what it reads. */
export interface FlowPlace {
  readonly eventXid: string;
  readonly eventId: string;
  /** By gateway. */
  readonly cursors: Readonly<Record<string, number>>;
}

/** Another form of the text than this is begun anew. */
const FORM = 1;

/** One named part of a saved flow. */
export interface SavedPart {
  readonly name: string;
  readonly body: string;
}

/** The name under which the changing part is kept. */
export const FLOW_NAME = 'flow';

/** Where a full layer is kept; there are never more names than layers. */
export function layerName(number: number): string {
  return `${FLOW_NAME}.pairs.${number % LAYER_NAMES}`;
}

/** As many as a filter has layers. */
const LAYER_NAMES = 64;

/** What must be written: the changing part, and layers that became full since `savedLayer`. */
export function saveFlow(
  state: FlowState,
  place: FlowPlace,
  savedLayer: number,
): { readonly parts: readonly SavedPart[]; readonly savedLayer: number } {
  const layers = saveLayers(state.pairs, savedLayer);
  const full = layers.filter(({ isFull }) => isFull);
  const { pairs, ...rest } = state;
  const head = {
    form: FORM,
    place,
    state: rest,
    pairTotal: pairs.total,
    fullLayers: pairs.layers
      .map(({ number }) => number)
      .filter((number) => !layers.some((layer) => layer.number === number && !layer.isFull)),
    open: layers.filter(({ isFull }) => !isFull),
  };
  return {
    parts: [
      ...full.map((layer) => ({ name: layerName(layer.number), body: JSON.stringify(layer) })),
      { name: FLOW_NAME, body: JSON.stringify(head) },
    ],
    savedLayer: Math.max(savedLayer, ...full.map(({ number }) => number)),
  };
}

/** The layers that a saved flow needs besides its changing part; none for a text that is no saved flow. */
export function layersOf(body: string): readonly number[] {
  return headOf(body)?.fullLayers ?? [];
}

/** A saved flow; undefined when the text is of another form. A layer that is missing is forgotten pairs, nothing worse. */
export function loadFlow(
  body: string,
  layerBodies: readonly string[],
):
  | { readonly state: FlowState; readonly place: FlowPlace; readonly savedLayer: number }
  | undefined {
  const head = headOf(body);
  if (!head) return undefined;
  const full = layerBodies
    .map((text) => JSON.parse(text) as SavedLayer)
    .filter(({ number }) => head.fullLayers.includes(number));
  return {
    state: {
      ...firstState(),
      ...head.state,
      pairs: loadPairs([...full, ...head.open], head.pairTotal),
    },
    place: head.place,
    savedLayer: Math.max(-1, ...full.map(({ number }) => number)),
  };
}

interface Head {
  readonly form: number;
  readonly place: FlowPlace;
  readonly state: Omit<FlowState, 'pairs'>;
  readonly pairTotal: number;
  readonly fullLayers: readonly number[];
  readonly open: readonly SavedLayer[];
}

/** Only a guard writes these texts; one of another form is an older or newer guard's. */
function headOf(body: string): Head | undefined {
  const head = JSON.parse(body) as Partial<Head>;
  return head.form === FORM ? (head as Head) : undefined;
}
