import { messageOf } from '../errors.ts';

const MEMORY =
  /could not allocate memory|allocation failed|ENOMEM|out of memory|invalid (typed )?array( buffer)? length|ERR_WORKER_OUT_OF_MEMORY/i;
const FILES = /EMFILE|ENFILE/;
const THREADS = /EAGAIN|ERR_WORKER_INIT_FAILED/;

/**
 * What the system refused, in a sentence for people: memory, open files, threads, or whatever else it says.
 * @returns undefined for errors that do not come from the system
 */
export function describeSystemFailure(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code = '', syscall, message } = thrown as NodeJS.ErrnoException;
  const text = `${code} ${message}`;
  if (FILES.test(text)) {
    return `too many files are open (${message}). Allow more, for instance with "ulimit -n 1024", and try again.`;
  }
  if (MEMORY.test(text)) {
    return (
      `there is not enough memory (${message}). Close other programs, raise the limit ("ulimit -v" shows it), or ask for ` +
      'less: a smaller model, smaller batches, --threads 1; --backend reference needs the least.'
    );
  }
  if (THREADS.test(text)) {
    return `no more threads can be started (${message}). Ask for fewer with --threads, or raise the limit ("ulimit -u" shows it).`;
  }
  return typeof syscall === 'string' ? `the system refuses: ${messageOf(thrown)}.` : undefined;
}
