import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LogFile } from '../../src/cli/log-file.ts';
import type { Coordinator, JobProgress } from '../../src/distributed/coordinator.ts';
import { prepared, trainedAlone, type Prepared } from './redis/jobs.ts';

/** Opens a coordinator with so many machines that train; it is closed when the test has finished. */
export type OpenCoordinator = (music: Prepared, machines: number) => Promise<Coordinator>;

/** What of a run folder does not depend on the clock. */
export function essence(folder: string) {
  const read = (name: string): Buffer => readFileSync(join(folder, name));
  const config = JSON.parse(String(read('config.json'))) as Record<string, unknown>;
  const log = new LogFile(join(folder, 'log.jsonl')).read().map(({ seconds: _, time: __, ...rest }) => rest);
  return { best: read('best.safetensors'), last: read('last.safetensors'), config, log };
}

/** What is asked of whoever has training jobs done, wherever that is: to be called in a test file. */
export function coordinatorSuite(name: string, open: OpenCoordinator): void {
  describe(`who has runs trained, ${name},`, () => {
    it('gets the bytes of a run of etude train, in all its files, and hears of its epochs', async () => {
      const music = await prepared();
      const alone = await trainedAlone(music, '--epochs', '3');
      const there = await open(music, 1);
      const progress: JobProgress[] = [];
      const result = await there.train(music.job('a'), music.folder('a'), {
        onProgress: (each) => progress.push(each),
      });
      const [{ name: machine }] = await there.machines();
      expect(result).toMatchObject({ machine, ended: 'completed', step: 12 });
      expect(result.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
      expect(progress.every((each) => each.machine === machine && each.step <= 12)).toBe(true);
      expect(essence(music.folder('a'))).toEqual(essence(alone));
    });

    it('goes on from the checkpoint of the folder, to a step and on to the end', async () => {
      const music = await prepared();
      const alone = await trainedAlone(music, '--epochs', '3');
      const there = await open(music, 1);
      const folder = music.folder('b');
      expect(await there.train(music.job('b', { until: 6 }), folder, {})).toMatchObject({ ended: 'steps', step: 6 });
      expect(await there.train(music.job('b'), folder, {})).toMatchObject({ ended: 'completed', step: 12 });
      const [{ best, last }, expected] = [essence(folder), essence(alone)];
      expect([last.equals(expected.last), best.equals(expected.best)]).toEqual([true, true]);
    });

    it('shares jobs between machines, each with the bytes of its own settings', async () => {
      const music = await prepared();
      const there = await open(music, 2);
      expect(await there.atOnce()).toBe(2);
      const machines = await there.machines();
      expect(machines.map(({ run }) => run)).toEqual([undefined, undefined]);
      const seeds = [1, 2, 3, 4];
      const results = await Promise.all(
        seeds.map((seed) => there.train(music.job(`s${seed}`, {}, { seed }), music.folder(`s${seed}`), {})),
      );
      const names = machines.map((machine) => machine.name);
      for (const { machine } of results) expect(names).toContain(machine);
      for (const seed of seeds) {
        const alone = await trainedAlone(music, '--epochs', '3', '--seed', String(seed));
        expect(essence(music.folder(`s${seed}`)).last.equals(essence(alone).last), `seed ${seed}`).toBe(true);
      }
    });

    it('takes a divergence for a result, with its log', async () => {
      const music = await prepared();
      const there = await open(music, 1);
      const job = music.job('x', {}, { learningRate: 1000, epochs: 50, clip: null });
      expect(await there.train(job, music.folder('x'), {})).toMatchObject({ ended: 'diverged' });
      expect(readFileSync(join(music.folder('x'), 'log.jsonl'), 'utf8')).toContain('"event":"diverged"');
    });

    it('says of a job that cannot be done which it was and why, and leaves nothing', async () => {
      const music = await prepared();
      const there = await open(music, 1);
      const training = there.train(music.job('l', {}, { seqLength: 500 }), music.folder('l'), {});
      await expect(training).rejects.toThrow(/[Rr]un l\b.*(No piece is long enough|at least 501 are needed)/s);
      expect(existsSync(join(music.folder('l'), 'last.safetensors'))).toBe(false);
    });

    it('does nothing where it was told to stop before', async () => {
      const music = await prepared();
      const there = await open(music, 1);
      const reason = new Error('enough');
      const training = there.train(music.job('n'), music.folder('n'), { signal: AbortSignal.abort(reason) });
      await expect(training).rejects.toBe(reason);
      expect(existsSync(music.folder('n'))).toBe(false);
    });
  });
}
