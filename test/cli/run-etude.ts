import { run } from '../../src/cli/run.ts';
import type { Io, OutputStream } from '../../src/cli/terminal.ts';

/** An output stream that keeps what is written. */
export class Collector implements OutputStream {
  text = '';
  /** What was not text. */
  bytes = Buffer.alloc(0);
  isTTY?: boolean;
  columns?: number;

  constructor(terminal: { isTTY?: boolean; columns?: number } = {}) {
    Object.assign(this, terminal);
  }

  write(content: string | Uint8Array): void {
    if (typeof content === 'string') this.text += content;
    else this.bytes = Buffer.concat([this.bytes, content]);
  }
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** An Io whose streams are kept; `interrupt` stands for Ctrl-C. */
export function testIo(options: { env?: Io['env']; isTTY?: boolean; columns?: number } = {}) {
  const controller = new AbortController();
  const stdout = new Collector(options);
  const stderr = new Collector(options);
  const io: Io = { stdout, stderr, env: options.env ?? {}, interrupts: () => controller.signal };
  return { io, stdout, stderr, interrupt: () => { controller.abort(); } }; // prettier-ignore
}

/** Runs a command line in this process: `await runEtude('inspect', 'piece.mid')`. */
export async function runEtude(...argv: string[]): Promise<Ran> {
  const { io, stdout, stderr } = testIo();
  const code = await run(argv, io);
  return { code, stdout: stdout.text, stderr: stderr.text };
}
