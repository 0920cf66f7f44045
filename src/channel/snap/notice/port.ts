/** What delivers a notice: one HTTPS request to an address that two people configured. Types only. */

export interface NoticeCall {
  /** Whole address: `https://host/path`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly timeoutMs: number;
}

/** What came back. `no_answer`: it may have arrived; `not_sent`: it cannot have; `refused_address`: our own rule forbids the address. */
export type NoticeReply =
  | { readonly kind: 'answer'; readonly status: number; readonly body: Buffer }
  | { readonly kind: 'no_answer' | 'not_sent' | 'refused_address' };

/** Sends one request. Never throws, follows no redirect, reads at most 64 KiB. */
export type NoticePost = (call: NoticeCall) => Promise<NoticeReply>;
