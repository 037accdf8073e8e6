import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { benchStartup } from '../../bench/startup.ts';
import { temporaryFolder } from '../cli/temporary-folder.ts';

/** A command line that writes its log after some time, as a training does, and then never ends. */
function program(log: string): string {
  const path = join(temporaryFolder(), 'main.mjs');
  writeFileSync(
    path,
    `import { mkdirSync, writeFileSync } from 'node:fs';
    const out = process.argv[process.argv.indexOf('--out') + 1];
    if (process.argv.includes('--out')) {
      mkdirSync(out);
      setTimeout(() => writeFileSync(out + '/log.jsonl', ${JSON.stringify(log)}), 100);
      setTimeout(() => process.exit(${log === '' ? 1 : 0}), ${log === '' ? 200 : 60_000});
    }`,
  );
  return path;
}

it('times the command line until its first step, ends it, and leaves nothing behind', async () => {
  const before = new Set(readdirSync(tmpdir()));
  const rows = await benchStartup(
    process.execPath,
    program('{"event":"begin"}\n{"event":"step","step":1}\n'),
    'music',
    1,
  );
  expect(rows.map(({ id }) => id)).toEqual(['node -e 0', 'etude --help', 'etude train --help', 'first step of etude train data/songbook']); // prettier-ignore
  // The log is written after 100 ms, and the program would go on for a minute.
  expect(rows[3].medianMs).toBeGreaterThan(100);
  expect(rows[3].medianMs).toBeLessThan(30_000);
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith('etude-startup-') && !before.has(name))).toEqual([]);
});

it('says so when there is no first step', async () => {
  await expect(benchStartup(process.execPath, program(''), 'music', 1)).rejects.toThrow(
    'made no step: it ended with 1',
  );
});
