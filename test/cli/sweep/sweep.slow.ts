import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useBuiltEtude } from '../build-etude.ts';
import { startEtude, type Ended, type EtudeProcess } from '../etude-process.ts';
import { folderWithMusic } from '../tiny-music.ts';
import { EPOCHS, linesOf, SMALL, summaryOf, weightsOf, writeSpace } from './sweeps.ts';

const node = [process.execPath, useBuiltEtude()];
const start = (...argv: string[]): EtudeProcess => startEtude(node, ['sweep', ...argv, '--json']);
const shared = mkdtempSync(join(tmpdir(), 'etude-sweep-'));

async function finish(started: EtudeProcess): Promise<Ended> {
  const ended = await started.ended;
  expect(ended.code, ended.stderr).toBe(0);
  return ended;
}

describe('a sweep of 12 runs', () => {
  let [music, space] = ['', ''];
  const at = (name: string): string => join(shared, name);
  const begin = (out: string, ...more: string[]): EtudeProcess =>
    start(music, '--space', space, '--out', out, '--runs', '12', ...SMALL, ...more);
  let one: Ended;

  beforeAll(async () => {
    ({ music } = folderWithMusic({ base: shared }));
    space = writeSpace(shared);
    one = await finish(begin(at('one'), ...EPOCHS, '--at-once', '1'));
  }, 120_000);

  afterAll(() => {
    rmSync(shared, { recursive: true, force: true });
  });

  it('ends with the same best run and the same bytes of each, three at once and one after another', async () => {
    const three = await finish(begin(at('three'), ...EPOCHS, '--at-once', '3'));
    expect(weightsOf(at('three'))).toEqual(weightsOf(at('one')));
    const [a, b] = [one, three].map(({ stdout }) => summaryOf(stdout).best!);
    expect({ ...a, path: basename(a.path) }).toEqual({ ...b, path: basename(b.path) });
  }, 120_000);

  it('ends with them however often it is killed', async () => {
    const out = at('killed');
    let code: number | null = null;
    let kills = 0;
    // Later each time by a part of what it had, so that it comes to an end on a busy machine, too.
    for (let wait = 700; code !== 0; wait *= 1.4) {
      // On a busy machine it may be killed before there is a sweep to go on with.
      const isThere = existsSync(join(out, 'sweep.json'));
      const { child, ended } = isThere ? start('--out', out, '--resume', '--at-once', '2') : begin(out, ...EPOCHS, '--at-once', '2'); // prettier-ignore
      const stop = new AbortController();
      const killed = setTimeout(wait, undefined, { signal: stop.signal }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      );
      ({ code } = await ended);
      stop.abort();
      await killed;
      kills++;
    }
    expect(kills).toBeGreaterThan(1);
    expect(weightsOf(out)).toEqual(weightsOf(at('one')));
    const results = linesOf(join(out, 'sweep.jsonl')).filter(({ event }) => event === 'result').map(({ run }) => run); // prettier-ignore
    expect(new Set(results).size).toBe(results.length);
  }, 240_000);

  it('halves to the same end after it was killed, one at a time', async () => {
    const halving = ['--method', 'asha', '--reduction', '2', '--least-steps', '4', '--most-steps', '16', '--at-once', '1']; // prettier-ignore
    await finish(begin(at('halved'), ...halving));
    const killed = begin(at('halved-killed'), ...halving);
    const log = join(at('halved-killed'), 'sweep.jsonl');
    const results = (): number => (existsSync(log) ? linesOf(log).filter(({ event }) => event === 'result').length : 0);
    while (results() < 13) await setTimeout(10);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(results()).toBeLessThan(
      linesOf(join(at('halved'), 'sweep.jsonl')).filter(({ event }) => event === 'result').length,
    );
    await finish(start('--out', at('halved-killed'), '--resume', '--at-once', '1'));
    expect(weightsOf(at('halved-killed'))).toEqual(weightsOf(at('halved')));
  }, 120_000);

  it('has runs that diverge as results', async () => {
    const path = writeSpace(mkdtempSync(join(shared, 'wild-')), { 'learning-rate': [0.01, 1e6] });
    const words = [music, '--space', path, '--out', at('wild'), '--method', 'grid', ...SMALL, '--epochs', '30'];
    const { stdout } = await finish(start(...words));
    const { failed, complete, groups } = summaryOf(stdout);
    expect({ failed, complete }).toEqual({ failed: [], complete: true });
    expect(groups.flatMap(({ runs }) => runs.map(({ ended }) => ended)).sort()).toEqual(['diverged', 'early stopping']);
  }, 60_000);

  it('stops when its minutes are over, and goes on', async () => {
    const out = at('short');
    const first = await finish(begin(out, ...EPOCHS, '--at-once', '1', '--minutes', '0.05'));
    expect(summaryOf(first.stdout).complete).toBe(false);
    const second = await finish(start('--out', out, '--resume'));
    expect(summaryOf(second.stdout).complete).toBe(true);
    expect(weightsOf(out)).toEqual(weightsOf(at('one')));
  }, 120_000);

  it('takes more runs when it goes on, and begins none anew', async () => {
    const out = at('more');
    await finish(start(music, '--space', space, '--out', out, '--runs', '5', ...SMALL, ...EPOCHS));
    await finish(start('--out', out, '--resume', '--runs', '12'));
    expect(weightsOf(out)).toEqual(weightsOf(at('one')));
    const jobs = linesOf(join(out, 'sweep.jsonl')).filter(({ event }) => event === 'job');
    expect(jobs).toHaveLength(12);
  }, 120_000);
});
