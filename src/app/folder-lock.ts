/** Keeps two commands from starting a database in one state folder. The lock is a name in Linux's abstract socket namespace: taken in
 * one step, and free again the moment its process is gone, however it ended. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { realpathSync } from 'node:fs';

/** Ends the lock. */
export type Unlock = () => Promise<void>;

/** Takes the folder; undefined when another process has it. The folder must exist; two paths to it are one lock. */
export function lockFolder(folder: string): Promise<Unlock | undefined> {
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32);
  const holder = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    holder.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    holder.listen({ path: `\0pulih-${name}`, exclusive: true }, () => {
      holder.unref();
      resolve(() => new Promise((done) => void holder.close(() => done())));
    });
  });
}
