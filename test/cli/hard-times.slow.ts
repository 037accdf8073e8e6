import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bestSimdVariant } from '../../src/tensor/index.ts';
import { useBuiltEtude } from './build-etude.ts';
import { startEtude, type Ended } from './etude-process.ts';
import { stepOf } from './run-step.ts';
import { folderWithMusic, TINY, TINY_SILENT } from './tiny-music.ts';
import { withoutRemark, WITHOUT_WEBASSEMBLY } from './without-webassembly.ts';

const etude = useBuiltEtude();
const SUMMARY = ['summary', '--preset', 'tutorial'];

/** Runs a line of a shell in which `"$@"` stands for etude and its words. */
function inShell(line: string, argv: readonly string[]): Promise<Ended> {
  return startEtude(['sh', '-c', line, 'sh', process.execPath, etude], argv).ended;
}

/** What every end has: no stack, no blame on us, and where something went wrong one line that says what. */
function oneSentence({ stderr }: Ended): string {
  expect(stderr).not.toMatch(/\n\s+at |defect of Etude|node:/);
  const said = stderr.split('\n').filter((line) => line.startsWith('etude: '));
  expect(said).toHaveLength(1);
  return said[0];
}

describe.skipIf(!existsSync('/dev/full'))('a full stdout (skipped where /dev/full is not)', () => {
  it.each([[SUMMARY], [['--help']]])('ends %j with 1 and a sentence', async (argv) => {
    const ended = await inShell('"$@" > /dev/full', argv);
    expect(oneSentence(ended)).toMatch(/the output cannot be written: ENOSPC: no space left on device/);
    expect(ended.code).toBe(1);
  });

  it('ends a training with 1, after it has saved', async () => {
    const { music, run } = folderWithMusic();
    const ended = await inShell('"$@" > /dev/full', ['train', music, '--out', run, ...TINY, '--epochs', '100000', '--patience', 'none', '--json']); // prettier-ignore
    expect(ended.stderr).toMatch(/the output cannot be written: ENOSPC.*\n.*\n?.*interrupted after step [\d,]+; everything is saved/s);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
    expect(ended.code).toBe(1);
    expect(stepOf(run)).toBeGreaterThan(0);
  }); // prettier-ignore

  it('and a full stderr beside leave the exit code', async () => {
    expect(await inShell('"$@" > /dev/full 2> /dev/full', SUMMARY)).toMatchObject({ code: 1 });
    expect(await inShell('"$@" 2> /dev/full', ['nonsense'])).toMatchObject({ code: 2 });
  });
});

it('streams that are closed make no stack', async () => {
  expect(await inShell('"$@" >&-', SUMMARY)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await inShell('"$@" 2>&-', ['nonsense'])).toEqual({ code: 2, stdout: '', stderr: '' });
});

/** Whether the shell may set this limit, and Node runs `program` under it: where it does not, none of our code runs. */
function runsUnder(limit: string, program = ''): boolean {
  try {
    execFileSync('sh', ['-c', `${limit} && "$@"`, 'sh', process.execPath, '-e', program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// So few that Node 20 cannot load all of our modules, and later ones, which open one at a time, no thread.
describe.skipIf(!runsUnder('ulimit -n 23') || bestSimdVariant() === undefined)('too few open files (skipped where there is no such limit)', () => {
  it('are said in a sentence', async () => {
    const { music, run } = folderWithMusic();
    const words = ['train', music, '--out', run, ...TINY, '--cache', 'none', '--backend', 'simd', '--threads', '2'];
    const ended = await inShell('ulimit -n 23; "$@"', words);
    expect(oneSentence(ended)).toMatch(/EMFILE/);
    expect(ended.code).toBe(1);
    expect(existsSync(run)).toBe(false);
  });
}); // prettier-ignore

const LITTLE_MEMORY = 'ulimit -v 4000000';
/** From Node 24 on WebAssembly does without the addresses behind its memory where there are few. */
const NO_WASM_MEMORY = `try { new WebAssembly.Memory({ initial: 16, maximum: 65535 }); process.exit(1) } catch {}`;

describe.skipIf(!runsUnder(LITTLE_MEMORY, NO_WASM_MEMORY) || bestSimdVariant() === undefined)('too little memory (skipped where there is no such limit, or it is enough)', () => {
  it('is said in a sentence, with what needs less', async () => {
    const { music, run } = folderWithMusic();
    const words = ['train', music, '--out', run, ...TINY, '--cache', 'none', '--backend', 'simd'];
    const ended = await inShell(`${LITTLE_MEMORY}; "$@"`, words);
    expect(oneSentence(ended)).toMatch(/there is not enough memory \(.*\)\..*--backend reference needs the least/);
    expect(ended.code).toBe(1);
    expect(existsSync(run)).toBe(false);
  });
}); // prettier-ignore

describe.skipIf(!existsSync('/proc/self'))('a home in which no folder can be made (skipped where /proc is not)', () => {
  it.each(['/proc/self', '/dev/null/x'])('(%s) costs the cache, and nothing else', async (home) => {
    const { music, run } = folderWithMusic();
    const words = ['train', music, '--out', run, ...TINY_SILENT, '--max-steps', '2'];
    const process = startEtude(['env', `HOME=${home}`, 'node', etude], words);
    const hung = setTimeout(() => process.child.kill('SIGKILL'), 15_000);
    const { code, stderr } = await process.ended;
    clearTimeout(hung);
    expect(stderr).toContain(`The cache cannot be used: the cache ${home}/.cache/etude cannot be written: `);
    expect(code).toBe(0);
  });
});

describe('Ctrl-C at the start', () => {
  it.each(['SIGINT', 'SIGHUP'])('(%s) says that nothing was done, and ends with 130', async (signal) => {
    // Comes as soon as main.ts listens to all signals, which is before the command is loaded: Node 24 loads it in one go.
    const itself = `process.on('newListener', (name) => name === 'SIGHUP' && queueMicrotask(() => process.emit('${signal}')))`;
    const { music, run } = folderWithMusic();
    const node = [process.execPath, '--import', `data:text/javascript,${encodeURIComponent(itself)}`, etude];
    const ended = await startEtude(node, ['train', music, '--out', run, ...TINY]).ended;
    expect(ended).toEqual({ code: 130, stdout: '', stderr: '\netude: interrupted at the start; nothing was done.\n' });
    expect(existsSync(run)).toBe(false);
  });
});

describe('Node without WebAssembly', () => {
  it.each(Object.entries(WITHOUT_WEBASSEMBLY))('(%s) trains and generates on the plain kernels, and says so', async (_, words) => {
    const { music, run } = folderWithMusic();
    const request = ['train', music, '--out', run, ...TINY, '--backend', 'auto', '--threads', 'auto'];
    const { code, stdout, stderr } = await startEtude([process.execPath, ...words, etude], request).ended;
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(/^Engine +reference$/m);
    expect(withoutRemark(stderr)).not.toMatch(/\n\s+at |warning|error|WebAssembly|defect/i);
    expect(stepOf(run)).toBe(12);
    expect(existsSync(join(run, 'generated.mid'))).toBe(true);
  }); // prettier-ignore

  it('says in a sentence what needs it', async () => {
    const { music, run } = folderWithMusic();
    const program = [process.execPath, ...WITHOUT_WEBASSEMBLY.deleted, etude];
    const [train, bench] = await Promise.all([
      startEtude(program, ['train', music, '--out', run, '--backend', 'simd']).ended,
      startEtude(program, ['bench', 'kernels']).ended,
    ]);
    expect(oneSentence(train)).toMatch(
      /--backend simd: this JavaScript engine has no WebAssembly SIMD; use reference or auto/,
    );
    expect(oneSentence(bench)).toMatch(/bench: this JavaScript engine has no WebAssembly SIMD, with which the peak of a core is measured/); // prettier-ignore
    expect([train.code, bench.code]).toEqual([2, 2]);
  });
});
