/** A reporter for node's test runner that writes the totals of a run and the names of what failed, one JSON object a line. */
interface RunnerEvent {
  readonly type: string;
  readonly data: {
    readonly name?: string;
    readonly file?: string;
    readonly skip?: unknown;
    readonly counts?: {
      readonly passed: number;
      readonly failed: number;
      readonly cancelled: number;
      readonly skipped: number;
      readonly todo: number;
    };
  };
}

/** What one line of the reporter's file holds. */
export type RunnerLine =
  | {
      readonly kind: 'total';
      readonly passed: number;
      readonly failed: number;
      readonly skipped: number;
    }
  | { readonly kind: 'failed'; readonly name: string };

/** Called by node's runner (`--test-reporter`). */
export default async function* report(events: AsyncIterable<RunnerEvent>): AsyncGenerator<string> {
  for await (const { type, data } of events) {
    if (type === 'test:fail' && data.name) yield line({ kind: 'failed', name: data.name });
    // The summary without a file is the one of the whole run.
    if (type === 'test:summary' && !data.file && data.counts) {
      const { passed, failed, cancelled, skipped, todo } = data.counts;
      yield line({ kind: 'total', passed, failed: failed + cancelled, skipped: skipped + todo });
    }
  }
}

function line(value: RunnerLine): string {
  return `${JSON.stringify(value)}\n`;
}
