/** The gateway's local control: the socket in its folder, which the stop button speaks to. */
import { join } from 'node:path';
import { listenLocal } from '../kernel/local-socket.ts';
import type { Time } from '../kernel/time.ts';

/** The socket's name in the gateway's folder. */
export const CONTROL_SOCKET = 'control.sock';

/** Listens until closed. A stale socket of a killed process is replaced: the fence proves that its owner is gone. */
export function listenControl(input: {
  readonly folder: string;
  readonly time: Time;
  readonly handle: (value: unknown) => Promise<unknown>;
}): Promise<{ close(): Promise<void> }> {
  return listenLocal({ ...input, path: join(input.folder, CONTROL_SOCKET) });
}
