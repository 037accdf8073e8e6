import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { EtudeError } from '../../src/errors.ts';
import type { Peer, Task } from './tasks.ts';

/** Where the peers' files are, from the root of the repository, in which the runner is started. */
const FOLDER = 'bench/peers';

/** What a peer says when it is ready. */
export interface Introduction {
  name: string;
  version: string;
  check: number[];
}

/** A peer cannot take part: it is not installed, or not able to do the work. */
export class PeerError extends EtudeError {
  override name = 'PeerError';
}

/** A peer at work in a process of its own, waiting to be asked. */
export class PeerProcess {
  readonly peer: Peer;
  introduction!: Introduction;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #stderr = '';

  private constructor(peer: Peer, task: Task, dataFolder: string) {
    this.peer = peer;
    const [command, ...argv] = commandOf(peer);
    this.#child = spawn(command, argv, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PEER_TASK: peer.command !== 'etude' && task === 'large' ? 'train' : task,
        PEER_VARIANT: peer.variant,
        PEER_THREADS: String(peer.threads),
        PEER_DATA: dataFolder,
        // Threads that wait for work must not spin: they would take the core from whoever is measured in turn.
        OMP_WAIT_POLICY: 'PASSIVE',
      },
    });
    this.#child.on('error', (error) => (this.#stderr += error.message));
    this.#child.stderr!.on('data', (text: Buffer) => (this.#stderr += text.toString()));
    // A peer that has ended is noticed by its silence.
    this.#child.stdin!.on('error', () => undefined);
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  /**
   * Starts a peer and waits until it has computed what it is checked by.
   * @throws PeerError when it cannot take part
   */
  static async start(peer: Peer, task: Task, dataFolder: string): Promise<PeerProcess> {
    const started = new PeerProcess(peer, task, dataFolder);
    try {
      const answer = (await started.#answer()) as { ready: boolean; reason?: string } & Introduction;
      if (!answer.ready) throw new PeerError(`${peer.name} cannot take part: ${answer.reason}`);
      started.introduction = answer;
      return started;
    } catch (thrown) {
      started.stop();
      throw thrown;
    }
  }

  /** Measures for about so many seconds: the median time of a step or a note, in milliseconds. */
  async measure(seconds: number, samples: number): Promise<number> {
    this.#child.stdin!.write(`${JSON.stringify({ seconds, samples })}\n`);
    return ((await this.#answer()) as { ms: number }).ms;
  }

  /** The processor seconds that it has used, where Linux tells; 0 elsewhere. */
  cpuSeconds(): number {
    try {
      const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
      const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number);
      return (user + system) / 100;
    } catch {
      return 0;
    }
  }

  stop(): void {
    this.#child.stdin!.end();
    this.#child.kill();
  }

  async #answer(): Promise<unknown> {
    const { value, done } = await this.#answers.next();
    if (!done) return JSON.parse(value);
    const lines = this.#stderr.trim().split('\n');
    throw new PeerError(`${this.peer.name} ended: ${lines.at(-1) || 'it said nothing'}`);
  }
}

function commandOf({ command, file }: Peer): string[] {
  if (command === 'etude') return [process.execPath, 'scripts/bench.mjs', file];
  if (command === 'python') return [process.env.PEER_PYTHON ?? '/usr/bin/python3', join(FOLDER, file)];
  // Node 20 has relaxed SIMD behind a flag, which newer versions do not know any more.
  const flags = process.versions.node.startsWith('20.') ? ['--experimental-wasm-relaxed-simd'] : [];
  return [process.execPath, ...flags, join(FOLDER, file)];
}
