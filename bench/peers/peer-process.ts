import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { EtudeError } from '../../src/errors.ts';
import { secondsOf } from '../machine.ts';
import type { Peer, Task } from './tasks.ts';
import { KEEP_MEMORY, type TorchDescription, type TorchSettings } from './torch-settings.ts';

/** Where the peers' files are, from the root of the repository, in which the runner is started. */
const FOLDER = 'bench/peers';

/** What a peer says when it is ready. */
export interface Introduction {
  name: string;
  version: string;
  check: number[];
  /** What PyTorch says that it computes with. */
  runs?: TorchDescription;
}

/** What a peer measured: its median, and up to a hundred marks that divide its samples evenly, in milliseconds. */
export interface Measured {
  ms: number;
  marks: number[];
}

/** What all peers of a race share. */
export interface RaceSetting {
  task: Task;
  dataFolder: string;
  /** Undefined where no Python has PyTorch. */
  torch?: TorchSettings;
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

  private constructor(peer: Peer, { task, dataFolder, torch }: RaceSetting) {
    this.peer = peer;
    const [command, ...argv] = commandOf(peer, torch);
    this.#child = spawn(command, argv, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ...(peer.command === 'etude' ? {} : KEEP_MEMORY),
        ...(peer.command === 'python' ? torch?.env : {}),
        PYTHONDONTWRITEBYTECODE: '1',
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
  static async start(peer: Peer, setting: RaceSetting): Promise<PeerProcess> {
    const started = new PeerProcess(peer, setting);
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

  /** Measures steps or notes for about so many seconds. */
  async measure(seconds: number, samples: number): Promise<Measured> {
    this.#child.stdin!.write(`${JSON.stringify({ seconds, samples })}\n`);
    return (await this.#answer()) as Measured;
  }

  /** The processor seconds that it has used. */
  cpuSeconds(): number {
    return secondsOf(this.#child.pid!);
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

/** @throws PeerError where nobody has what runs it */
function commandOf({ name, command, file, node }: Peer, torch: TorchSettings | undefined): string[] {
  if (command === 'python') {
    if (!torch) throw new PeerError(`${name} cannot take part: no Python has PyTorch`);
    return [torch.python, join(FOLDER, file)];
  }
  const { program, version } = node!;
  if (command === 'etude') return [program, 'scripts/bench.mjs', file];
  // Node 20 has relaxed SIMD behind a flag, which newer versions do not know any more.
  const flags = version.startsWith('20.') ? ['--experimental-wasm-relaxed-simd'] : [];
  return [program, ...flags, join(FOLDER, file)];
}
