import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { freePort } from './redis.ts';

/** A connection to a Redis that can be cut so that nothing comes through and nobody is told. */
export class Wire {
  readonly port: number;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(port: number) {
    this.port = port;
  }

  static async open(to: number): Promise<Wire> {
    const port = await freePort();
    const server = createServer();
    const wire = new Wire(port);
    server.on('connection', (near) => {
      const far = createConnection(to, '127.0.0.1');
      for (const [from, other] of [[near, far], [far, near]]) {
        wire.#sockets.add(from);
        from.on('data', (bytes) => { if (!wire.#isCut) other.write(bytes); });
        from.on('error', () => undefined);
        from.on('close', () => { wire.#sockets.delete(from); if (!wire.#isCut) other.destroy(); });
      }
    }); // prettier-ignore
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      wire.mend();
      server.close();
    });
    return wire;
  }

  cut(): void {
    this.#isCut = true;
  }

  /** Connections that lost bytes are of no use any more. */
  mend(): void {
    this.#isCut = false;
    for (const socket of this.#sockets) socket.destroy();
  }
}
