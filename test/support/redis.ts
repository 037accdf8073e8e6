import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The server that the tests start; there is none where it is not installed. `ETUDE_REDIS_SERVER=valkey-server` takes another. */
const SERVER = process.env.ETUDE_REDIS_SERVER ?? 'redis-server';

/** Why tests with a Redis cannot run here; undefined where they can. */
export const noRedis: string | undefined =
  spawnSync(SERVER, ['--version']).status === 0 ? undefined : `there is no ${SERVER}: apt-get install redis-server`;

/** A Redis of one's own, on a free port, with its data in a temporary folder. */
export class TestRedis {
  readonly port: number;
  readonly folder: string;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, folder: string, options: readonly string[]) {
    this.port = port;
    this.folder = folder;
    this.#options = options;
  }

  /** @param options of redis-server, such as `--requirepass` */
  static async start(...options: string[]): Promise<TestRedis> {
    const redis = new TestRedis(await freePort(), mkdtempSync(join(tmpdir(), 'etude-redis-')), options);
    await redis.begin();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  /** Starts it, or starts it again. */
  async begin(): Promise<void> {
    const fixed = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder, '--save', '', '--daemonize', 'no']; // prettier-ignore
    this.#process = spawn(SERVER, [...fixed, ...this.#options], { stdio: 'ignore' });
    while (!(await answers(this.port))) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const ended = once(this.#process!, 'exit');
    this.#process!.kill('SIGKILL');
    await ended;
    this.#process = undefined;
  }

  async stop(): Promise<void> {
    if (this.#process) await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A Redis for one test; what uses it is to be closed by `onTestFinished` too, which goes back from the last to the first. */
export async function ownRedis(...options: string[]): Promise<TestRedis> {
  const redis = await TestRedis.start(...options);
  onTestFinished(() => redis.stop());
  return redis;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => { resolve(port); }); // prettier-ignore
    });
  });
}

/** Whether a Redis answers there at all; with a password it answers that one is missing. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    const end = (whether: boolean): void => {
      socket.destroy();
      resolve(whether);
    };
    socket.on('error', () => { end(false); }); // prettier-ignore
    socket.on('data', (bytes) => { end(!String(bytes).includes('LOADING')); }); // prettier-ignore
    socket.write('PING\r\n');
  });
}
