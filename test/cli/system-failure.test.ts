import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeSystemFailure } from '../../src/cli/system-failure.ts';

const failure = (message: string, code?: string, syscall?: string): Error =>
  Object.assign(new Error(message), { ...(code && { code }), ...(syscall && { syscall }) });

it.each([
  [failure('EMFILE: too many open files, open x', 'EMFILE', 'open'), /^too many files are open \(EMFILE.*ulimit -n/],
  [failure('Worker initialization failure: EMFILE', 'ERR_WORKER_INIT_FAILED'), /^too many files are open/],
  [failure('Worker initialization failure: EAGAIN', 'ERR_WORKER_INIT_FAILED'), /^no more threads can be started.*--threads/],
  [failure('spawn ENOMEM', 'ENOMEM', 'spawn'), /^there is not enough memory \(spawn ENOMEM\)/],
  [new RangeError('WebAssembly.Memory(): could not allocate memory'), /^there is not enough memory.*--backend reference/],
  [new RangeError('Array buffer allocation failed'), /^there is not enough memory/],
  [failure('EACCES: permission denied, open x', 'EACCES', 'open'), /^the system refuses: EACCES: permission denied, open x\.$/],
])('%s is said in one sentence, with what to do', (thrown, sentence) => {
  expect(describeSystemFailure(thrown)).toMatch(sentence);
}); // prettier-ignore

it('what the system says of a file is its affair, what our code does wrong is not', () => {
  let thrown: unknown;
  try {
    readFileSync('/no/such/file');
  } catch (caught) {
    thrown = caught;
  }
  expect(describeSystemFailure(thrown)).toMatch(/^the system refuses: ENOENT/);
  expect(describeSystemFailure(new TypeError('x is undefined'))).toBeUndefined();
  expect(describeSystemFailure('text')).toBeUndefined();
});
