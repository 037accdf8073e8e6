import { onTestFinished } from 'vitest';
import { startEtude, type EtudeProcess } from '../../cli/etude-process.ts';

/**
 * `etude worker` in a process of its own, which is killed when the test has finished.
 * @param etude the program, or the words before its own
 * @param more words, of which later ones count
 */
export function startWorker(
  etude: string | readonly string[],
  url: string,
  name: string,
  ...more: string[]
): EtudeProcess {
  const words = ['worker', '--redis', url, '--name', name, '--stalled-seconds', '5', '--checkpoint-seconds', '1', '--cache', 'none']; // prettier-ignore
  const command = typeof etude === 'string' ? [process.execPath, etude] : etude;
  const started = startEtude(command, [...words, ...more]);
  onTestFinished(async () => {
    started.child.kill('SIGKILL');
    await started.ended;
  });
  return started;
}
