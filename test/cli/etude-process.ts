import { spawn, type ChildProcess } from 'node:child_process';

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The built command line in a process of its own. */
export interface EtudeProcess {
  child: ChildProcess;
  /** Resolves when stderr has this text in it, or the process has ended. */
  says: (text: string | RegExp) => Promise<void>;
  ended: Promise<Ended>;
}

/** @param command the words before etude's own: the node to run it with, for instance */
export function startEtude(command: readonly string[], argv: readonly string[]): EtudeProcess {
  const [program, ...words] = [...command, ...argv];
  const child = spawn(program, words, { env: { PATH: process.env.PATH } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (stdout += String(bytes)));
  child.stderr.on('data', (bytes: Buffer) => (stderr += String(bytes)));
  const ended = new Promise<Ended>((done) => {
    child.on('close', (code) => { done({ code, stdout, stderr }); }); // prettier-ignore
  });
  const says = (text: string | RegExp): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (stderr.search(text) >= 0) resolve();
      };
      child.stderr.on('data', look);
      void ended.then(() => { resolve(); }); // prettier-ignore
      look();
    });
  return { child, says, ended };
}
