/** Keep-alive HTTP/1.1 for a load generator on the same machine as what it measures: one request at a time per socket, and as little
 * work per request as can be. Reads only what our own server sends: a status line, headers with a content length, a body. */
import { connect, type Socket } from 'node:net';
import type { Http, HttpRequest, HttpResponse } from '../../../sim/customer/snap-client.ts';

const ANSWER_BYTES_MAX = 65_536;
const HEAD_END = '\r\n\r\n';

/** The bench's side of some sockets. */
export interface SocketPool {
  readonly http: Http;
  close(): void;
}

interface Exchange {
  readonly resolve: (answer: HttpResponse) => void;
  readonly reject: (error: Error) => void;
}

interface Line {
  readonly socket: Socket;
  exchange: Exchange | undefined;
  heard: Buffer | undefined;
}

/** Opens sockets as calls need them. A call throws when its socket breaks or no whole answer came within `timeoutMs`: whether it
 * arrived is then unknown. */
export function openSockets(target: {
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
}): SocketPool {
  const free: Line[] = [];
  const all = new Set<Line>();
  const open = (): Line => {
    const socket = connect({ host: target.host, port: target.port, noDelay: true });
    const line: Line = { socket, exchange: undefined, heard: undefined };
    all.add(line);
    const end = (error: Error): void => {
      all.delete(line);
      if (free.includes(line)) free.splice(free.indexOf(line), 1);
      line.exchange?.reject(error);
      line.exchange = undefined;
    };
    socket.setTimeout(target.timeoutMs, () => socket.destroy(new Error('no answer in time')));
    socket.on('error', end);
    socket.on('close', () => end(new Error('connection closed')));
    socket.on('data', (chunk: Buffer) => {
      line.heard = line.heard ? Buffer.concat([line.heard, chunk]) : chunk;
      const answer = readAnswer(line.heard);
      if (answer === 'broken') return socket.destroy(new Error('answer not understood'));
      if (!answer) return;
      const { exchange } = line;
      line.heard = undefined;
      line.exchange = undefined;
      free.push(line);
      exchange?.resolve(answer);
    });
    return line;
  };
  return {
    http: (request) =>
      new Promise((resolve, reject) => {
        const line = free.pop() ?? open();
        line.exchange = { resolve, reject };
        line.socket.write(requestText(request, target));
      }),
    close: () => {
      for (const { socket } of all) socket.destroy();
    },
  };
}

function requestText(request: HttpRequest, target: { host: string; port: number }): string {
  let text = `${request.method} ${request.path} HTTP/1.1\r\nhost: ${target.host}:${target.port}\r\n`;
  for (const [name, value] of Object.entries(request.headers)) text += `${name}: ${value}\r\n`;
  return `${text}content-length: ${Buffer.byteLength(request.body)}${HEAD_END}${request.body}`;
}

/** The answer when all of it is there, undefined while it is not. */
export function readAnswer(heard: Buffer): HttpResponse | 'broken' | undefined {
  const headEnd = heard.indexOf(HEAD_END);
  if (headEnd < 0) return heard.length > ANSWER_BYTES_MAX ? 'broken' : undefined;
  const head = heard.toString('latin1', 0, headEnd);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head);
  const length = /\r\ncontent-length: (\d{1,6})/i.exec(head);
  if (!status || !length) return 'broken';
  const bodyStart = headEnd + HEAD_END.length;
  const missing = bodyStart + Number(length[1]) - heard.length;
  if (missing > 0) return undefined;
  // More than one answer to one request is not HTTP.
  return missing < 0
    ? 'broken'
    : { status: Number(status[1]), body: heard.toString('utf8', bodyStart) };
}
