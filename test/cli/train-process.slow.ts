import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogFile } from '../../src/cli/log-file.ts';
import { readCheckpoint } from '../../src/cli/run-folder.ts';
import { bestSimdVariant } from '../../src/tensor/index.ts';
import { useBuiltEtude } from './build-etude.ts';
import { startEtude } from './etude-process.ts';
import { digest } from './folder-contents.ts';
import { runEtude } from './run-etude.ts';
import { stepOf } from './run-step.ts';
import { folderWithMusic, TINY, TINY_SILENT, trainTiny } from './tiny-music.ts';

const etude = useBuiltEtude();
const node = [process.execPath, etude];

const stopAt = (step: number): string[] => ['--max-steps', String(step)];
const LONG = [...TINY_SILENT, '--epochs', '100000', '--patience', 'none', '--checkpoint-every', '3'];
const ENGINES = [['reference', '1'], ...(bestSimdVariant() === undefined ? [] : [['simd', '2']])];

describe('a training in a process of its own', () => {
  it.each(ENGINES)(
    'with %s and %s threads saves on Ctrl-C, ends with 130, and goes on to the same bytes',
    async (backend, threads) => {
      const { music, run, base } = folderWithMusic();
      const engine = ['--backend', backend, '--threads', threads];
      const { child, says, ended } = startEtude(node, ['train', music, '--out', run, ...LONG, ...engine]);
      await says('Epoch 2/');
      child.kill('SIGINT');
      const { code, stdout, stderr } = await ended;
      expect(stderr).toMatch(
        /etude: stopping; what was learned so far will be saved; press Ctrl-C again to end at once\./,
      );
      expect(stderr).toMatch(
        /etude: interrupted after step [\d,]+; everything is saved\. Go on with: etude train --out \S+run --resume/,
      );
      expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
      expect(readdirSync(run)).not.toContain('run.lock');
      const step = stepOf(run);
      expect(new LogFile(join(run, 'log.jsonl')).read().at(-1)).toMatchObject({
        event: 'end',
        reason: 'interrupted',
        step,
      });

      const resumed = await startEtude(node, ['train', '--out', run, '--resume', ...stopAt(step + 10)]).ended;
      expect(resumed.code).toBe(0);
      const whole = join(base, 'whole');
      const undisturbed = await startEtude(node, [
        'train',
        music,
        '--out',
        whole,
        ...LONG,
        ...engine,
        ...stopAt(step + 10),
      ]).ended;
      expect(undisturbed.code).toBe(0);
      expect(stepOf(run)).toBe(step + 10);
      expect(digest(join(run, 'last.safetensors'))).toBe(digest(join(whole, 'last.safetensors')));
    },
  );

  it('ends at once at the second Ctrl-C, with a checkpoint that is whole', async () => {
    const { music, run } = folderWithMusic();
    const { child, says, ended } = startEtude(node, ['train', music, '--out', run, ...LONG]);
    await says('Epoch 2/');
    child.kill('SIGINT');
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(stepOf(run)).toBeGreaterThan(0);
    expect(readdirSync(run)).not.toContain('run.lock');
  });

  it('saves and stops when nobody reads its --json any more', async () => {
    const { music, run } = folderWithMusic();
    const { child, ended } = startEtude(node, ['train', music, '--out', run, ...LONG, '--json']);
    child.stdout!.once('data', () => child.stdout!.destroy());
    const { code } = await ended;
    expect(code).toBe(130);
    expect(stepOf(run)).toBeGreaterThan(0);
  });

  it.each([[['SIGTERM']], [['SIGHUP', 'SIGHUP']]] as const)('saves on %s, and tells programs that it was interrupted', async (signals) => {
    const { music, run } = folderWithMusic();
    const { child, ended } = startEtude(node, ['train', music, '--out', run, ...LONG, '--json', '--quiet']);
    // A terminal that is closed sends it from the kernel and from the shell.
    child.stdout!.once('data', () => { signals.forEach((signal) => child.kill(signal)); }); // prettier-ignore
    const { code, stdout, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^etude: interrupted after step/);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toEqual({ event: 'interrupted', step: stepOf(run) });
  }); // prettier-ignore
});

/** Whether this user may mount a file system of a few pages in a name space of its own. */
function mayMount(): boolean {
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!mayMount())('a disk that is full (skipped where this user may not mount one)', () => {
  it('ends a training with 1 and says how much is needed; what was saved before is whole', async () => {
    const { run: usual } = await trainTiny();
    const sizes = ['best.safetensors', 'last.safetensors'].map((name) => statSync(join(usual, name)).size);
    // Room for one checkpoint and the small files, not for two.
    const size = Math.ceil(sizes[0] + sizes[1] / 2);
    const { music, base } = folderWithMusic();
    const disk = join(base, 'disk');
    const kept = join(base, 'kept');
    mkdirSync(disk);
    const script = join(base, 'on-small-disk.sh');
    // The disk is gone with the process: what it holds at the end is copied.
    writeFileSync(script, 'mount -t tmpfs -o size="$1" tmpfs "$2" || exit 99\nshift\ndisk=$1\nkept=$2\nshift 2\n"$@"\ncode=$?\ncp -r "$disk" "$kept"\nexit $code\n'); // prettier-ignore
    const mounted = ['unshare', '-rm', 'sh', script, String(size), disk, kept, ...node];
    const { code, stderr } = await startEtude(mounted, ['train', music, '--out', join(disk, 'run'), ...LONG]).ended;
    expect(stderr).toMatch(/safetensors: the disk is full: [\d.]+ kB are needed, [\d.]+ \w+ are free/);
    expect(stderr).toMatch(
      /Everything saved so far is intact\. Once there is room, continue with: etude train --out \S+ --resume/,
    );
    expect(code).toBe(1);
    const run = join(kept, 'run');
    const saved = ['best.safetensors', 'last.safetensors'].filter((name) => existsSync(join(run, name)));
    expect(saved.length).toBeGreaterThan(0);
    for (const name of saved) expect(readCheckpoint(join(run, name)).training!.trainer.step).toBeGreaterThan(0);
    expect(readdirSync(run).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('two runs in one folder', () => {
  const HELD =
    /run: another run is at work in this folder \(process \d+, since [\d :-]+\)\. Wait until it ends or stop it/;

  it('are refused, whatever is asked for, while the first is at work; one that was killed is in nobody’s way', async () => {
    const { music, run } = folderWithMusic();
    const { child, says, ended } = startEtude(node, ['train', music, '--out', run, ...LONG]);
    await says('Epoch 2/');
    const requests = [
      ['train', music, '--out', run, ...TINY],
      ['train', music, '--out', run, ...TINY, '--force'],
      ['train', '--out', run, '--resume', '--max-steps', '20'],
      ['demo', '--out', run, '--max-steps', '1'],
      ['demo', '--out', run, '--max-steps', '1', '--force'],
    ];
    for (const request of requests) {
      const { code, stdout, stderr } = await runEtude(...request);
      expect(stderr).toMatch(HELD);
      expect(stderr).toContain(`process ${child.pid},`);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    }
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(join(run, 'run.lock'))).toBe(true);
    const step = stepOf(run);
    expect((await runEtude('train', '--out', run, '--resume', ...stopAt(step + 2))).code).toBe(0);
    expect(stepOf(run)).toBe(step + 2);
    expect(readdirSync(run)).not.toContain('run.lock');
  });

  it('are refused while the first still reads its music', async () => {
    const { music, run } = folderWithMusic({ pieces: 400 });
    const first = startEtude(node, ['train', music, '--out', run, ...LONG]);
    await expect.poll(() => existsSync(join(run, 'run.lock')), { timeout: 10_000, interval: 2 }).toBe(true);
    expect((await runEtude('train', music, '--out', run, ...TINY)).stderr).toMatch(HELD);
    first.child.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
    expect(existsSync(join(run, 'run.lock'))).toBe(false);
  });
});
