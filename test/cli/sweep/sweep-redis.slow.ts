import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { noRedis, ownRedis } from '../../support/redis.ts';
import { useBuiltEtude } from '../build-etude.ts';
import { startEtude, type EtudeProcess } from '../etude-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { folderWithMusic } from '../tiny-music.ts';
import { EPOCHS, linesOf, SMALL, summaryOf, weightsOf, writeSpace } from './sweeps.ts';

const node = [process.execPath, useBuiltEtude()];
const backend = SMALL.indexOf('--backend');
/** Workers choose their kernels themselves. */
const SETTINGS = [...SMALL.filter((_, k) => k !== backend && k !== backend + 1), ...EPOCHS];

describe.skipIf(noRedis)(`a sweep at a Redis${noRedis === undefined ? '' : ` (skipped: ${noRedis})`}`, () => {
  const start = (...argv: string[]): EtudeProcess => startEtude(node, argv);

  it.each([2, 4])('of %d workers, one of which is killed, ends with the runs of one machine, to the byte', async (workers) => {
    const base = temporaryFolder();
    const { music } = folderWithMusic({ base, pieces: 6, notes: 200 });
    const common = [music, '--space', writeSpace(base), '--runs', '12', ...SETTINGS];
    const [here, there] = [join(base, 'here'), join(base, 'there')];
    const alone = await start('sweep', ...common, '--out', here, '--at-once', '2', '--json').ended;
    expect(alone.code, alone.stderr).toBe(0);
    const url = (await ownRedis()).url;
    const helpers = Array.from({ length: workers }, (_, k) =>
      start('worker', '--redis', url, '--name', `worker-${k}`, '--stalled-seconds', '5', '--checkpoint-seconds', '1', '--cache', 'none'),
    ); // prettier-ignore
    try {
      const sweep = start('sweep', ...common, '--out', there, '--redis', url, '--json');
      while (!linesOfLog(there).some(({ event }) => event === 'result')) await setTimeout(20);
      helpers[0].child.kill('SIGKILL');
      const { code, stdout, stderr } = await sweep.ended;
      expect(code, stderr).toBe(0);
      expect(weightsOf(there)).toEqual(weightsOf(here));
      const [ours, theirs] = [summaryOf(alone.stdout), summaryOf(stdout)];
      expect(theirs.best!.path.split('/').at(-1)).toBe(ours.best!.path.split('/').at(-1));
      expect(theirs.best!.loss).toBe(ours.best!.loss);
      expect(new Set(linesOfLog(there).map(({ machine }) => machine)).size).toBeGreaterThan(1);
    } finally {
      for (const helper of helpers) helper.child.kill('SIGTERM');
      await Promise.all(helpers.map(({ ended }) => ended));
    }
  }, 120_000); // prettier-ignore
});

function linesOfLog(sweep: string): Record<string, unknown>[] {
  try {
    return linesOf(join(sweep, 'sweep.jsonl'));
  } catch {
    return [];
  }
}
