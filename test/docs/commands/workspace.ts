import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readArchive } from '../../../src/interop/archive.ts';
import { ROOT } from './printed.ts';

/** How a process ended, and what it said. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** What `model.to_json()` gives of the network in characters.weights.h5. */
const kerasConfig = (await readArchive(readFileSync(join(ROOT, 'test/golden/keras/characters.keras')))).get(
  'config.json',
)!;

/** Pieces of the songbook that stand for a reader's music: short, so that all that is done with them is. */
const PIECES = 6;
/** As small as a training can be that goes all the way. */
export const TINY_TRAINING = '--epochs 1 --steps-per-epoch 3 --hidden-size 8 --layers 1 --batch-size 16 --sample-notes 12 --validation-windows 50'; // prettier-ignore

/** Runs that stand for a reader's, by their presets; made before the first command. */
export const FIXTURES = { quick: 'fixture-quick', tutorial: 'fixture-tutorial' } as const;

/** A sweep that stands for a reader's. */
export const FIXTURE_SWEEP = 'fixture-sweep';

/** A copy of the repository, as a clone would be, with music and runs by the names that the documents use. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'etude-commands-'));
  readonly #songs = readdirSync(join(ROOT, 'data/songbook')).filter((name) => name.endsWith('.mid'));

  constructor() {
    const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: ROOT });
    const names = String(listed).split('\0').filter((name) => name !== '' && existsSync(join(ROOT, name))); // prettier-ignore
    for (const name of names) {
      mkdirSync(dirname(this.at(name)), { recursive: true });
      cpSync(join(ROOT, name), this.at(name));
    }
    symlinkSync(join(ROOT, 'node_modules'), this.at('node_modules'));
  }

  at(name: string): string {
    return join(this.folder, name);
  }

  has(name: string): boolean {
    return existsSync(this.at(name));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Makes what a command reads, unless it is there: music, a MIDI file, a run, a space of settings, a sweep, weights of PyTorch, Keras or TensorFlow.js, their classes, a configuration of Keras. */
  provide(
    kind: 'music' | 'midi' | 'run' | 'space' | 'sweep' | 'weights' | 'vocabulary' | 'config',
    name: string,
  ): void {
    // A pattern is of a folder.
    const path = this.at(name.replace(/\/[^/]*\*.*$/, ''));
    if (existsSync(path)) return;
    if (kind === 'space') cpSync(join(ROOT, 'examples/distributed/space.json'), path);
    else if (kind === 'weights' && name.endsWith('.json'))
      cpSync(join(ROOT, 'test/golden/interop-tfjs/characters'), dirname(path), { recursive: true }); // prettier-ignore
    else if (kind === 'weights') cpSync(join(ROOT, weightsLike(name)), path);
    else if (kind === 'config') writeFileSync(path, kerasConfig);
    else if (kind === 'vocabulary') writeFileSync(path, JSON.stringify([...'abcdefg']));
    else if (kind === 'sweep') cpSync(this.at(FIXTURE_SWEEP), path, { recursive: true });
    else if (kind === 'run')
      cpSync(this.at(/tutorial|\/t\d*$/.test(name) ? FIXTURES.tutorial : FIXTURES.quick), path, { recursive: true }); // prettier-ignore
    else if (kind === 'midi' || name.endsWith('.mid')) cpSync(this.song(3), path);
    else if (/maestro/.test(name)) this.#maestro(path);
    else for (let piece = 0; piece < PIECES; piece++) cpSync(this.song(piece), join(path, `${piece}.mid`));
  }

  /** The weights of a run as PyTorch has them, under a name of which the ending says something else. */
  provideWeightsOf(run: string, name: string): void {
    this.provide('run', run);
    const exported = this.at('of-a-run.safetensors');
    execFileSync(process.execPath, [this.at('dist/cli/main.js'), 'export', run, '--to', 'pytorch', '--out', exported, '--force'], { cwd: this.folder, stdio: 'ignore' }); // prettier-ignore
    cpSync(exported, this.at(name));
  }

  song(index: number): string {
    return join(ROOT, 'data/songbook', this.#songs[index]);
  }

  /** A folder in the form of MAESTRO: its CSV, a folder for each year, pieces of all three sides. */
  #maestro(path: string): void {
    const splits = ['train', 'train', 'train', 'train', 'validation', 'test'];
    const lines = splits.map((split, piece) => {
      cpSync(this.song(piece), join(path, '2018', `${piece}.midi`));
      return `Composer,Piece ${piece},${split},2018,2018/${piece}.midi,2018/${piece}.wav,60`;
    });
    const header = 'canonical_composer,canonical_title,split,year,midi_filename,audio_filename,duration';
    writeFileSync(join(path, 'maestro-v2.0.0.csv'), [header, ...lines, ''].join('\n'));
  }

  /** Starts a command in the folder, in a group of processes of its own. */
  start(words: readonly string[]): ChildProcess {
    // As npx would find it, which takes as long as the command.
    const [program, ...argv] = words[0] === 'npx' && words[1] === 'etude' ? [process.execPath, this.at('dist/cli/main.js'), ...words.slice(2)] : words; // prettier-ignore
    const env = {
      ...process.env,
      NO_COLOR: '1',
      XDG_CACHE_HOME: this.at('.cache'),
      npm_config_update_notifier: 'false',
    };
    return spawn(program, argv, { cwd: this.folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Runs a command to its end. */
  run(words: readonly string[]): Promise<Ended> {
    return endOf(this.start(words));
  }
}

export function endOf(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout!.on('data', (bytes: Buffer) => (stdout += String(bytes)));
  child.stderr!.on('data', (bytes: Buffer) => (stderr += String(bytes)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}

/** A small network in the format that a file's name says. */
function weightsLike(name: string): string {
  const ending = /(\.keras|\.weights\.h5)$/.exec(name)?.[0];
  return ending === undefined ? 'test/golden/interop/characters.pt' : `test/golden/keras/characters${ending}`;
}
