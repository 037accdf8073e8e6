import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printedCommands, ROOT } from './commands/printed.ts';
import { runsOf, type Run } from './commands/runs.ts';
import { SHORT_RUNS } from './commands/rules.ts';
import { shellWords, type ReadLine } from './commands/synopsis.ts';
import { endOf, FIXTURE_SWEEP, FIXTURES, TINY_TRAINING, Workspace, type Ended } from './commands/workspace.ts';

const SERVES = /^npx etude studio|^npm run example:page|^npx etude study .*--serve\b/;
/** The options that name what is read, and what is written. */
const READ_OPTIONS = { primer: 'midi', data: 'music', compare: 'run', from: 'run', space: 'space', vocabulary: 'vocabulary', config: 'config' } as const; // prettier-ignore
const WRITE_OPTIONS = ['out', 'svg', 'wav'];
const WORDS: Readonly<Record<string, 'music' | 'midi' | 'run'>> = {
  model: 'run',
  song: 'midi',
  file: 'midi',
  data: 'music',
  paths: 'music',
  music: 'music',
  folders: 'run',
};

const runs = runsOf(await printedCommands());

describe('every command that is printed in README, docs and --help works, made short by settings', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = new Workspace();
    const built = await workspace.run(['npm', 'run', '--silent', 'build']);
    expect(built.code, built.stderr).toBe(0);
    workspace.provide('music', 'music');
    for (const [preset, out] of Object.entries(FIXTURES)) {
      const training = `npx etude train music --out ${out} --preset ${preset} ${TINY_TRAINING}`;
      const trained = await workspace.run(shellWords(training));
      expect(trained.code, trained.stderr).toBe(0);
    }
    workspace.provide('space', 'space.json');
    const sweep = `npx etude sweep music --space space.json --out ${FIXTURE_SWEEP} ${SHORT_RUNS} --runs 2 --epochs 1`;
    const swept = await workspace.run(shellWords(sweep));
    expect(swept.code, swept.stderr).toBe(0);
  });
  afterAll(() => {
    workspace.remove();
  });

  it.each(runs)('$where: $title', async (run) => {
    prepare(run);
    const { code, stdout, stderr } = SERVES.test(run.title) ? await serve(run) : await workspace.run(run.words);
    if (wantsGpu(run) && code === 2) {
      // What a machine without one says, and nothing of Dawn's beside it.
      expect(stderr).toMatch(/^etude: --backend gpu: no GPU to be used here .*\. Use --backend simd;[^\n]*\n$/);
      return;
    }
    expect(code, `${run.title}\n${stderr}\n${stdout}`).toBe(0);
    if (run.pipe !== undefined) expectPipe(run.pipe, stdout);
    for (const path of writtenBy(run)) expect(workspace.has(path), path).toBe(true);
  });

  /** Provides what is read, and takes away what is written. */
  function prepare({ words, read }: Run): void {
    if (read) {
      provideFor(read);
      for (const [key, value] of read.options) {
        if (!WRITE_OPTIONS.includes(key) || value === true) continue;
        if (read.options.has('resume')) workspace.provide(read.command.name === 'sweep' ? 'sweep' : 'run', value);
        else rmSync(workspace.at(value), { recursive: true, force: true });
      }
      return;
    }
    for (const word of words.filter((word) => word.endsWith('.json'))) {
      mkdirSync(dirname(workspace.at(word)), { recursive: true });
      cpSync(join(ROOT, 'bench/results/train-1.json'), workspace.at(word));
    }
    for (const word of words.filter((word) => word.startsWith('runs/'))) workspace.provide('run', word);
    for (const word of words.filter((word) => /maestro/.test(word))) workspace.provide('music', word);
  }

  function provideFor({ command, words, options }: ReadLine): void {
    const like = options.get('like');
    if (command.name === 'import') {
      if (typeof like === 'string') workspace.provideWeightsOf(like, words[0]);
      else workspace.provide('weights', words[0]);
    }
    // The first word of bench says what to measure.
    words.forEach((word, at) => {
      const { name } = command.args[Math.min(at, command.args.length - 1)];
      if (name !== 'what' && command.name !== 'import') workspace.provide(WORDS[name], word);
    });
    for (const [key, kind] of Object.entries(READ_OPTIONS)) {
      const value = options.get(key);
      // Notes that are typed are no file.
      if (typeof value === 'string' && !value.includes(' ')) workspace.provide(kind, value);
    }
  }

  /** Files and folders that the command line names as its results. */
  function writtenBy({ read }: Run): string[] {
    const named = [...(read?.options ?? [])].flatMap(([key, value]) =>
      WRITE_OPTIONS.includes(key) ? [String(value)] : [],
    );
    return read?.options.has('samples') ? named.map((path) => path.replace(/(\.\w+)$/, '-1$1')) : named;
  }

  /** Asks the page that is served, and ends it as Ctrl-C does. */
  async function serve({ words, title }: Run): Promise<Ended> {
    const child = workspace.start(words);
    const ended = endOf(child);
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      const look = (bytes: Buffer): void => {
        said += String(bytes);
        const [found] = /http:\/\/[\w.:[\]-]+[^\s.]*/.exec(said) ?? [];
        if (found !== undefined && said.includes('\n', said.indexOf(found))) resolve(found);
      };
      child.stdout!.on('data', look);
      child.stderr!.on('data', look);
      void ended.then(() => { reject(new Error(`${title} ended before it served: ${said}`)); }); // prettier-ignore
    });
    const response = await fetch(url);
    expect([response.status, await response.text()]).toEqual([200, expect.stringContaining('<html')]);
    process.kill(-child.pid!, 'SIGINT');
    const { code, ...said } = await ended;
    // npm and npx give back how their child ended; a server without a handler of its own ends by the signal.
    return { ...said, code: [0, 130, null].includes(code) ? 0 : code };
  }
});

function wantsGpu({ read }: Run): boolean {
  return read?.options.get('backend') === 'gpu';
}

/** What a reader's jq would be asked for is there. */
function expectPipe(pipe: string, stdout: string): void {
  const path = /^jq \.([\w.]+)$/.exec(pipe)?.[1];
  if (path === undefined) throw new Error(`no rule reads "| ${pipe}"`);
  const object: unknown = JSON.parse(stdout);
  const found = path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], object);
  expect(found, `${pipe} of ${stdout.slice(0, 200)}`).toBeDefined();
}
