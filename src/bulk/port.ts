/** What channels may ask of lists of transfers. */
import type { Sen } from '../kernel/money.ts';
import type { BulkReason, RowFault, RowReason } from '../notify/bulk-reason.ts';
import type { BulkState, RowState } from './state.ts';

/** A list as a company uploads it. */
export interface UploadCommand {
  readonly customerId: string;
  /** Durable: the same key and file is the same list. */
  readonly key: string;
  readonly name: string;
  readonly debitAccount: string;
  /** CSV; `read-file.ts` has its form. */
  readonly file: string;
}

/** Why a file is no list at all. */
export type FileRefusal = 'file_empty' | 'file_header' | 'file_malformed' | 'file_too_long';
export type UploadRefusal = FileRefusal | 'bulk_not_agreed' | 'key_conflict' | 'too_many_bulks';

/** What the customer agreed to with the PIN, and the very words shown. */
export interface Agreement {
  readonly key: string;
  readonly text: string;
  readonly language: 'id' | 'en';
  readonly sessionHash: Uint8Array;
  readonly device: string;
}

/** A list. Times are UTC ms. */
export interface Bulk {
  readonly id: string;
  readonly customerId: string;
  readonly name: string;
  readonly debitAccount: string;
  readonly rowCount: number;
  readonly state: BulkState;
  readonly reason?: BulkReason;
  readonly agreed?: {
    readonly atMs: number;
    readonly count: number;
    readonly amountSen: Sen;
    readonly feeSen: Sen;
    readonly key: string;
  };
  readonly endsAtMs: number;
  readonly dueAtMs?: number;
  readonly madeAtMs: number;
  readonly changedAtMs: number;
  readonly version: bigint;
}

/** One row of a list. A faulty one keeps what could be read of it. */
export interface BulkRow {
  readonly position: number;
  readonly bank: string;
  readonly account: string;
  readonly name: string;
  readonly amountSen?: Sen;
  readonly remark: string;
  readonly state: RowState;
  readonly reason?: RowFault | RowReason;
  readonly feeSen?: Sen;
  readonly attempt: number;
  readonly paymentId?: string;
}

/** Rows of one state, or of one state of their payments. */
export interface BulkSum {
  /** A row's state; of a submitted one, the state of its payment. */
  readonly state: Exclude<RowState, 'submitted'> | `payment.${string}`;
  readonly count: number;
  readonly amountSen: bigint;
  readonly feeSen: bigint;
}

/** What a company may send by lists. */
export interface BulkLimits {
  readonly rowMax: number;
  readonly dayMaxSen: Sen;
}

export type UploadResult =
  | { readonly ok: true; readonly isRepeat: boolean; readonly bulk: Bulk }
  | { readonly ok: false; readonly reason: UploadRefusal; readonly line?: number };

export type ChangeRefusal = 'not_found' | 'bulk_over' | 'bulk_not_ready' | 'bulk_not_agreed';
export type ChangeResult =
  | { readonly ok: true; readonly bulk: Bulk }
  | { readonly ok: false; readonly reason: ChangeRefusal };

/** Whose list is meant. */
export interface OwnBulk {
  readonly id: string;
  readonly customerId: string;
}

export interface Bulks {
  /** What the company agreed with the bank; undefined: it sends no lists. */
  limits(customerId: string): Promise<BulkLimits | undefined>;
  upload(command: UploadCommand): Promise<UploadResult>;
  /** Newest first, at most 50. */
  list(customerId: string): Promise<readonly Bulk[]>;
  find(own: OwnBulk): Promise<Bulk | undefined>;
  sums(bulkId: string): Promise<readonly BulkSum[]>;
  /** A hundred rows after a position, in order; `only` those that are not paid. */
  rows(
    bulkId: string,
    page: { readonly after: number; readonly only: 'all' | 'unpaid' },
  ): Promise<readonly BulkRow[]>;
  /** Lets what was previewed go. The channel has checked the PIN and the words. Repeated with the same key it answers as it is. */
  confirm(own: OwnBulk, agreement: Agreement): Promise<ChangeResult>;
  /** Each may be repeated. A row that was asked for already goes on. */
  pause(own: OwnBulk): Promise<ChangeResult>;
  resume(own: OwnBulk): Promise<ChangeResult>;
  cancel(own: OwnBulk): Promise<ChangeResult>;
  /** Works on due lists once; how many rounds. */
  work(): Promise<number>;
  start(): void;
  stop(): Promise<void>;
}
