/** Speaks to a process's local control: one JSON line out, one back, over the unix socket in its folder. Needs no other process. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { CONTROL_SOCKET } from '../gateway/control-socket.ts';
import { processFolder } from './key-file.ts';

const ANSWER_MS_MAX = 10_000;

/** Asks; throws when the gateway cannot be reached or gives no answer. */
export function askGateway(input: {
  readonly state: string;
  readonly partition: string;
  readonly request: unknown;
}): Promise<Record<string, unknown>> {
  const path = join(processFolder(input.state, input.partition), CONTROL_SOCKET);
  return askLocal({ name: input.partition, path, request: input.request });
}

/** Asks the process that listens at `path`; throws when it cannot be reached or gives no answer. */
export function askLocal(input: {
  readonly name: string;
  readonly path: string;
  readonly request: unknown;
}): Promise<Record<string, unknown>> {
  const { name, path } = input;
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(path);
    const fail = (reason: string): void => {
      socket.destroy();
      reject(new Error(`Cannot reach ${name} at ${path}: ${reason}`));
    };
    socket.setEncoding('utf8').setTimeout(ANSWER_MS_MAX, () => fail('no answer'));
    socket.on('error', (error) => fail(error.message));
    socket.on('connect', () => socket.write(`${JSON.stringify(input.request)}\n`));
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.on('end', () => {
      try {
        resolve(JSON.parse(text) as Record<string, unknown>);
      } catch {
        fail('the answer cannot be read');
      }
    });
  });
}
