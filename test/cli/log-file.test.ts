import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../src/cli/files.ts';
import { LogFile } from '../../src/cli/log-file.ts';
import { DataError } from '../../src/errors.ts';
import { temporaryFolder } from './temporary-folder.ts';

const epoch = (step: number) => ({ event: 'epoch', step, loss: 1 / step });

describe('the log of a run', () => {
  it('is empty before the first line', () => {
    expect(new LogFile(join(temporaryFolder(), 'log.jsonl')).read()).toEqual([]);
  });

  it('gives back what was added, one JSON object a line', () => {
    const log = new LogFile(join(temporaryFolder(), 'log.jsonl'));
    for (const step of [10, 20, 30]) log.append(epoch(step));
    expect(log.read()).toEqual([10, 20, 30].map(epoch));
    const lines = readFileSync(log.path, 'utf8').split('\n');
    expect(lines).toHaveLength(4);
    expect(JSON.parse(lines[1])).toEqual(epoch(20));
  });

  it('drops the lines after a step, so that a resumed run writes them again', () => {
    const log = new LogFile(join(temporaryFolder(), 'log.jsonl'));
    for (const step of [10, 20, 30]) log.append(epoch(step));
    expect(log.truncateAfter(20)).toEqual([10, 20].map(epoch));
    log.append(epoch(30));
    expect(log.read()).toEqual([10, 20, 30].map(epoch));
  });

  it('survives being cut off at any byte: whole lines stay, the torn one is dropped', () => {
    const path = join(temporaryFolder(), 'log.jsonl');
    const text = [10, 20, 30].map((step) => `${JSON.stringify(epoch(step))}\n`).join('');
    fc.assert(
      fc.property(fc.nat(text.length), (length) => {
        writeFileSync(path, text.slice(0, length));
        const log = new LogFile(path);
        const whole = log.read();
        expect(whole).toEqual([10, 20, 30].slice(0, whole.length).map(epoch));
        expect(whole.length).toBeGreaterThanOrEqual(text.slice(0, length).split('\n').length - 1);
        log.truncateAfter(Infinity);
        log.append(epoch(40));
        expect(log.read()).toEqual([...whole, epoch(40)]);
      }),
    );
  });

  it('refuses a file that is not a log', () => {
    const log = new LogFile(join(temporaryFolder(), 'log.jsonl'));
    log.append(epoch(10));
    appendFileSync(log.path, 'not json\n');
    log.append(epoch(20));
    expect(() => log.read()).toThrow(DataError);
    expect(() => log.read()).toThrow(/line 2 is not a line of a training log/);
  });

  it('says so when it cannot be written', () => {
    const log = new LogFile(join(temporaryFolder(), 'missing/log.jsonl'));
    expect(() => {
      log.append(epoch(1));
    }).toThrow(FileError);
  });
});
