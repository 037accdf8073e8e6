import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { startEtude, type EtudeProcess } from '../../cli/etude-process.ts';
import { runEtude } from '../../cli/run-etude.ts';
import { folderWithMusic } from '../../cli/tiny-music.ts';

/** A run of some seconds by two machines: 40 rounds. */
const FLAGS = ['--preset', 'quick', '--hidden-size', '96', '--seq-length', '16', '--batch-size', '16', '--bins', '6', '--steps-per-epoch', '100', '--epochs', '4', '--patience', 'none', '--no-sample', '--machines', '2', '--inner-steps', '5']; // prettier-ignore

/** What a line of log.jsonl says of a round. */
export interface LoggedRound {
  event: string;
  round: number;
  step: number;
  machines: number[];
  names: string[];
  beganAnew?: number[];
  late: number;
  waitedSeconds: number;
}

/** A run that several machines train, by processes of its own: `etude train --redis` here, and workers anywhere. */
export class RoundsRun {
  readonly folder: string;
  readonly #etude: string;
  readonly #music: string;
  readonly #base: string;
  readonly #flags: readonly string[];

  /** @param flags that are added; later ones count */
  constructor(etude: string, ...flags: string[]) {
    const { base, music } = folderWithMusic({ pieces: 8, notes: 150 });
    this.#etude = etude;
    this.#base = base;
    this.#music = music;
    this.#flags = [...FLAGS, ...flags];
    this.folder = join(base, 'run');
  }

  /** Begins it at a Redis. */
  start(url: string, ...more: string[]): EtudeProcess {
    return this.#begin([this.#music, ...this.#flags], url, more);
  }

  /** The same, where the program needs words before it. */
  startWith(command: readonly string[], url: string): EtudeProcess {
    return this.#begin([this.#music, ...this.#flags], url, [], command);
  }

  /** Goes on with it. */
  resume(url: string, ...more: string[]): EtudeProcess {
    return this.#begin(['--resume', '--no-sample'], url, more);
  }

  /** The rounds that the log holds. */
  get rounds(): LoggedRound[] {
    return this.#log.filter(({ event }) => event === 'round');
  }

  async untilRound(round: number): Promise<void> {
    await expect.poll(() => this.rounds.at(-1)?.round ?? 0, { timeout: 120_000, interval: 20 }).toBeGreaterThanOrEqual(round); // prettier-ignore
  }

  /** That it ends well, and after all of its steps. */
  async expectEnd(training: EtudeProcess): Promise<string> {
    const { code, stderr } = await training.ended;
    expect(code, stderr).toBe(0);
    expect(this.#log.at(-1), stderr).toMatchObject({ event: 'end', step: this.rounds.at(-1)!.step });
    const rounds = this.rounds.map(({ round }) => round);
    expect([...new Set(rounds)]).toEqual(Array.from({ length: Math.max(...rounds) }, (_, k) => k + 1));
    return stderr;
  }

  /** That its model is what one process alone makes of it, to the byte. */
  async expectBytesOfOneProcess(): Promise<void> {
    const out = join(this.#base, 'alone');
    const { code, stderr } = await runEtude('train', this.#music, '--out', out, ...this.#flags);
    expect(code, stderr).toBe(0);
    for (const name of ['best.safetensors', 'last.safetensors']) {
      expect(readFileSync(join(this.folder, name)).equals(readFileSync(join(out, name))), name).toBe(true);
    }
  }

  get #log(): LoggedRound[] {
    try {
      const whole = readFileSync(join(this.folder, 'log.jsonl'), 'utf8').split('\n').slice(0, -1);
      return whole.map((line) => JSON.parse(line) as LoggedRound);
    } catch {
      return [];
    }
  }

  #begin(
    words: readonly string[],
    url: string,
    more: readonly string[],
    command: readonly string[] = [process.execPath, this.#etude],
  ): EtudeProcess {
    const argv = ['train', ...words, '--out', this.folder, '--redis', url, ...more];
    const training = startEtude(command, argv);
    onTestFinished(async () => {
      training.child.kill('SIGKILL');
      await training.ended;
    });
    return training;
  }
}
