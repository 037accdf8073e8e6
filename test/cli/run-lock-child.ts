import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../../src/cli/files.ts';
import { RunLock } from '../../src/cli/run-lock.ts';

/**
 * Takes the lock of a folder again and again, and gives it back, or leaves it as a process would that is killed with it.
 * Beside the folder it notes what it got, and complains when another was inside at the same time: a folder that only one
 * process can make says so.
 */
const [folder, until] = process.argv.slice(2);
const base = join(folder, '..');
const inside = join(base, 'inside');
const gone = spawnSync('true').pid;
const note = (word: string): void => {
  appendFileSync(join(base, 'notes'), `${word}\n`);
};

/** Makes the lock that of a process that is gone. */
function abandon(): void {
  const path = join(folder, 'run.lock');
  const [id, beside] = [randomBytes(6).toString('hex'), join(base, `abandoned-${process.pid}`)];
  const record = JSON.parse(readFileSync(path, 'utf8')) as object;
  writeFileSync(beside, JSON.stringify({ ...record, id, pid: gone }));
  renameSync(beside, path);
}

while (Date.now() < Number(until)) {
  let lock: RunLock;
  try {
    lock = RunLock.take(folder);
  } catch (thrown) {
    if (thrown instanceof FileError && thrown.code === 'held') continue;
    note(`failed: ${String(thrown)}`);
    throw thrown;
  }
  let alone = true;
  try {
    mkdirSync(inside);
  } catch {
    alone = false;
  }
  const killed = Math.random() < 0.8;
  note(alone ? (killed ? 'killed' : 'released') : 'both');
  if (alone) rmdirSync(inside);
  if (killed) abandon();
  lock.release();
}
