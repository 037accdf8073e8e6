import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogFile } from '../../../src/cli/log-file.ts';
import { run as runCommand } from '../../../src/cli/run.ts';
import { readCheckpoint } from '../../../src/cli/run-folder.ts';
import type { RunConfig } from '../../../src/cli/train/run-config.ts';
import { digest } from '../folder-contents.ts';
import { runEtude, testIo } from '../run-etude.ts';
import { stepOf } from '../run-step.ts';
import { folderWithMusic, TINY_SILENT, trainTiny } from '../tiny-music.ts';

const configOf = (run: string): RunConfig => JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as RunConfig;

const logOf = (run: string, event: string) => new LogFile(join(run, 'log.jsonl')).read().filter((line) => line.event === event); // prettier-ignore

describe('etude train --machines', () => {
  it('trains one model on several, and says how the rounds went', async () => {
    const { run, ran } = await trainTiny('--machines', '3', '--inner-steps', '2', '--differences', 'float16');
    expect(ran.code).toBe(0);
    // Three epochs of four steps each; a round has six.
    expect(stepOf(run)).toBe(12);
    expect(ran.stderr).toMatch(
      /Machines +3 machines; a round is 2 steps each, and an outer step of .* in float16\n +this process computes them/,
    );
    expect(ran.stderr).toMatch(/^Epoch 1\/2, round 1, 3 machines 6\/6/m);
    expect(ran.stderr).toMatch(
      /^Rounds +2\nMachines in a round +3\nSent to machines +[\d.]+ kB\nReceived from them +[\d.]+ kB\nWaited .*0s\nLate results +none$/m,
    );
    expect(configOf(run).rounds).toMatchObject({ machines: 3, innerSteps: 2, differences: 'float16' });
    const parameters = 4 * configOf(run).parameters;
    expect(logOf(run, 'round')).toMatchObject([
      { step: 6, round: 1, machines: [0, 1, 2], late: 0, sentBytes: 3 * parameters, beganAnew: [0, 1, 2] },
      { step: 12, round: 2, machines: [0, 1, 2], receivedBytes: (3 * parameters) / 2 + 24 },
    ]);
    expect(readFileSync(join(run, 'report.html'), 'utf8')).toMatch(/Machines in a round[^]*Late results/);
    const generated = await runEtude('generate', run, '--out', join(run, '../new.mid'), '--notes', '5');
    expect(generated.code).toBe(0);
  });

  it('says the same as JSON', async () => {
    const { ran } = await trainTiny('--machines', '2', '--inner-steps', '2', '--json');
    const last = ran.stdout.trim().split('\n').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ event: 'summary', rounds: { rounds: 3, fewest: 2, most: 2, late: 0 } });
  });

  it('is with one machine and one inner step the training that it is without', async () => {
    const [plain, rounds] = [await trainTiny('--dropout', '0'), await trainTiny('--dropout', '0', '--machines', '1', '--inner-steps', '1')]; // prettier-ignore
    for (const name of ['last.safetensors', 'best.safetensors', 'generated.mid']) {
      expect(digest(join(rounds.run, name)), name).toEqual(digest(join(plain.run, name)));
    }
  });

  it('goes on with the rounds that it was begun with: averaging gradients, to the same bytes', async () => {
    const words = ['--machines', '2', '--inner-steps', '1'];
    const [whole, part] = [await trainTiny(...words), await trainTiny(...words, '--max-steps', '6')];
    const begun = configOf(part.run).rounds;
    const { code, stderr } = await runEtude('train', '--out', part.run, '--resume', '--max-steps', 'none');
    expect(code).toBe(0);
    expect(stderr).not.toContain('fresh optimizer');
    expect(digest(join(part.run, 'last.safetensors'))).toEqual(digest(join(whole.run, 'last.safetensors')));
    expect(logOf(part.run, 'round').map(({ round }) => round)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(configOf(part.run).rounds).toEqual(begun);
    expect(configOf(whole.run).rounds).toEqual(begun);
  });

  it('says so where the machines are new to a run that goes on', async () => {
    const { run } = await trainTiny('--machines', '2', '--inner-steps', '2', '--max-steps', '8');
    const { code, stderr } = await runEtude('train', '--out', run, '--resume', '--max-steps', 'none');
    expect(code).toBe(0);
    expect(stderr).toMatch(/Machines 1 and 2 of 2 began with a fresh optimizer/);
    expect(logOf(run, 'round')).toMatchObject([{ round: 1 }, { round: 2 }, { round: 3, beganAnew: [0, 1] }]);
  });

  it('saves after each round, also inside an epoch', async () => {
    const { music, run } = folderWithMusic();
    const { io, interrupt } = testIo();
    const training = runCommand(
      [
        'train',
        music,
        '--out',
        run,
        ...TINY_SILENT,
        '--steps-per-epoch',
        'all',
        '--machines',
        '2',
        '--inner-steps',
        '2',
        '--epochs',
        '500',
      ],
      io,
    );
    const look = setInterval(() => {
      const log = new LogFile(join(run, 'log.jsonl'));
      if (log.read().some(({ event, round }) => event === 'round' && (round as number) >= 3)) interrupt();
    }, 1);
    expect(await training).toBe(130);
    clearInterval(look);
    expect(stepOf(run) % 4).toBe(0);
    expect(stepOf(run)).toBe(logOf(run, 'round').at(-1)!.step);
  });

  it('is refused where it makes no sense', async () => {
    const { run } = await trainTiny('--max-steps', '2');
    const { music } = folderWithMusic();
    const redis = 'redis://127.0.0.1:1';
    const wrong: [words: string[], message: RegExp][] = [
      [['--machines', '0'], /--machines.* from 1 to 1,024/],
      [['--inner-steps', '5'], /--inner-steps has no effect without --machines/],
      [['--machines', '2', '--outer-momentum', '1'], /--outer-momentum.*below 1/],
      [['--machines', '2', '--differences', 'int8'], /--differences.*float32 or float16/],
      [['--machines', '2', '--threads', '2'], /--threads: each of several machines trains on one thread/],
      [['--machines', '2', '--backend', 'gpu'], /--backend: several machines train with the kernels/],
      [['--redis', redis], /--redis has no effect without --machines/],
      [['--machines', '2', '--prefix', 'x'], /--prefix has no effect without --redis/],
    ];
    for (const [words, message] of wrong) {
      const { code, stderr } = await runEtude(
        'train',
        music,
        '--out',
        join(run, '../never'),
        '--preset',
        'quick',
        ...words,
      );
      expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    }
    const resumed = await runEtude('train', '--out', run, '--resume', '--machines', '2');
    expect([resumed.code, resumed.stderr]).toEqual([2, expect.stringMatching(/--machines contradicts --resume/)]);
    const tuned = await runEtude(
      'train',
      music,
      '--from',
      run,
      '--out',
      join(run, '../tuned'),
      '--machines',
      '2',
      '--redis',
      redis,
    );
    expect([tuned.code, tuned.stderr]).toEqual([2, expect.stringMatching(/a fine-tuned model keeps its own/)]);
    const elsewhere = await runEtude('train', '--out', run, '--resume', '--redis', redis);
    expect([elsewhere.code, elsewhere.stderr]).toEqual([2, expect.stringMatching(/begun on one machine/)]);
  });

  it('refuses a config.json whose rounds make no sense, and a state that is not of rounds', async () => {
    const { run } = await trainTiny('--machines', '2', '--inner-steps', '2', '--max-steps', '4');
    const path = join(run, 'config.json');
    const config = configOf(run);
    writeFileSync(path, JSON.stringify({ ...config, rounds: { ...config.rounds, machines: 0 } }));
    expect((await runEtude('train', '--out', run, '--resume')).stderr).toMatch(
      /config.json: machines: expected a whole number/,
    );
    writeFileSync(path, JSON.stringify({ ...config, rounds: undefined }));
    const { code, stderr } = await runEtude('train', '--out', run, '--resume');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/optimizer/);
    expect(Object.keys(readCheckpoint(run, 'last').training!.engine.optimizer)).toEqual(['sgd.velocity']);
    rmSync(path);
  });
});
