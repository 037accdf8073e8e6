import { describe, expect, it } from 'vitest';
import { resolveSettings } from '../../../src/music/index.ts';
import { readJobMessage, readProgressMessage, readResultMessage } from '../../../src/distributed/redis/messages.ts';
import { DistributedError } from '../../../src/distributed/redis/errors.ts';

const digest = 'ab'.repeat(32);
const job = {
  run: 'run-1',
  preset: 'quick',
  settings: resolveSettings('quick'),
  music: digest,
  until: 100,
  build: { etude: '0.1.0', bits: digest },
  start: [{ name: 'last.safetensors', digest, bytes: 10 }],
};
const epoch = {
  ...{ epoch: 1, step: 4, loss: 1, losses: { pitch: 1 }, validation: null },
  ...{ learningRate: 0.1, gradientNorm: 1, clipped: 0 },
};
const result = { machine: 'one-1', ended: 'completed', step: 4, history: [epoch], files: job.start };

describe('what machines say to each other by way of Redis', () => {
  it('is read as it was written, and nothing that does not belong there', () => {
    expect(readJobMessage(JSON.parse(JSON.stringify({ ...job, code: 'process.exit()' })))).toEqual(job);
    expect(readResultMessage(JSON.parse(JSON.stringify({ ...result, __proto__: { x: 1 } })))).toEqual(result);
    expect(readJobMessage({ ...job, until: null }).until).toBeNull();
  });

  it.each([
    [{ run: '../etc' }, 'the job: run: expected'],
    [{ preset: 7 }, 'the job: preset: expected'],
    [
      { settings: { ...job.settings, seed: -1 } },
      'the job: settings: expected what it should be: --seed: expected a whole',
    ],
    [
      { settings: { ...job.settings, extra: 1 } },
      'the job: settings: expected what it should be: settings: unknown key',
    ],
    [{ music: digest.toUpperCase() }, 'the job: music: expected a digest'],
    [{ until: -1 }, 'the job: until: expected a whole number'],
    [{ until: undefined }, 'the job: until: expected a whole number'],
    [{ build: 'x' }, 'the job: build: expected an object'],
    [{ start: [{ name: '../../.profile', digest, bytes: 1 }] }, 'the job: start[0]: name: expected one of'],
    [{ start: [...job.start, ...job.start] }, 'the job: start[1]: name: expected one of'],
    [{ start: Array.from({ length: 9 }, () => job.start[0]) }, 'the job: start: expected a list of at most 4'],
    [
      { start: [{ name: 'last.safetensors', digest, bytes: 2 ** 40 }] },
      'the job: start[0]: bytes: expected a whole number',
    ],
  ])('a job with %j is refused by the name of the field', (change, sentence) => {
    expect(() => readJobMessage({ ...job, ...change })).toThrow(DistributedError);
    expect(() => readJobMessage({ ...job, ...change })).toThrow(sentence);
  });

  it.each([
    [{ machine: '\u001b[2J' }, 'machine: expected the name of a machine'],
    [{ ended: 'somehow' }, 'ended: expected one of completed'],
    [{ history: [{ ...epoch, loss: NaN }] }, 'history[0]: loss: expected a finite number'],
    [{ history: [{ ...epoch, loss: null }] }, 'history[0]: loss: expected a finite number'],
    [{ history: [{ ...epoch, losses: { pitch: '1' } }] }, 'history[0]: losses: pitch: expected a finite number'],
    [{ history: {} }, 'history: expected a list'],
    [{ step: 1.5 }, 'step: expected a whole number'],
  ])('a result with %j, too', (change, sentence) => {
    expect(() => readResultMessage({ ...result, ...change })).toThrow(sentence);
  });

  it.each([null, 0, 'x', [], {}])('progress that is %j is none', (value) => {
    expect(() => readProgressMessage(value)).toThrow(DistributedError);
  });
});
