import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownNames, type PeerRow } from '../../../bench/peers/race.ts';
import { readResult } from '../../../bench/results.ts';

const root = resolve(import.meta.dirname, '../../..');

describe('the race against plain loops, which need nothing installed', () => {
  it('checks that both do the same work, and times them in turns', () => {
    const folder = mkdtempSync(join(tmpdir(), 'etude-race-'));
    try {
      const out = join(folder, 'peers.json');
      const tasks = ['train', 'stateful', 'window'];
      const argv = ['scripts/bench.mjs', 'peers/run', ...tasks, '--only', 'plain', '--rounds', '2', '--seconds', '0.1'];
      execFileSync(process.execPath, [...argv, '--out', out], { cwd: root, stdio: 'pipe' });
      const { rows, bench } = readResult<PeerRow>(out);
      expect(bench).toBe('peers');
      const loops = rows.filter(({ peer }) => peer === 'plain loops');
      expect(loops.map(({ task }) => task)).toEqual(tasks);
      for (const { rounds, ratios, difference } of loops) {
        expect(rounds).toHaveLength(2);
        expect(difference).toBeLessThan(5e-6);
        expect(ratios[ownNames(rows)[0]].min).toBeGreaterThan(0);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('refuses words that it does not know', () => {
    const run = (): unknown =>
      execFileSync(process.execPath, ['scripts/bench.mjs', 'peers/run', 'sing'], { cwd: root, stdio: 'pipe' });
    expect(run).toThrow(/there is no task "sing"/);
  });
});
