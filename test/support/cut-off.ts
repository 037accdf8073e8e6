import { spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';

function ip(...words: string[]): { ok: boolean; said: string } {
  const { status, stderr, error } = spawnSync('ip', words, { encoding: 'utf8' });
  return { ok: status === 0, said: error?.message ?? stderr.trim() };
}

function must(...words: string[]): void {
  const { ok, said } = ip(...words);
  if (!ok) throw new Error(`ip ${words.join(' ')}: ${said}`);
}

/** Why networks cannot be made here; undefined where they can. */
export const noNetworks: string | undefined = (() => {
  const name = `etude-try-${process.pid}`;
  const made = ip('netns', 'add', name);
  if (!made.ok) return `network namespaces need root and iproute2 (${made.said})`;
  const joined = ip('link', 'add', `et${process.pid}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
  ip('netns', 'del', name);
  return joined.ok ? undefined : `no pair of network devices can be made (${joined.said})`;
})();

/** A network of its own for processes of a test, as another machine has: one cable leads to it, and can be pulled out. */
export class OtherNetwork {
  /** The address of this side, as the other has it. */
  readonly host: string;
  /** The words before the command of a process that is to be on the other side. */
  readonly within: readonly string[];
  readonly #device: string;

  private constructor(host: string, name: string, device: string) {
    this.host = host;
    this.within = ['ip', 'netns', 'exec', name];
    this.#device = device;
  }

  /** Made for one test. */
  static open(): OtherNetwork {
    const id = process.pid % 10_000;
    // Of the addresses for benchmarks (RFC 2544), which no network of this machine has.
    const subnet = `198.19.${id % 250}`;
    const [name, device] = [`etude-${id}`, `etude${id}`];
    must('netns', 'add', name);
    onTestFinished(() => void ip('netns', 'del', name));
    must('link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    must('addr', 'add', `${subnet}.1/30`, 'dev', device);
    must('link', 'set', device, 'up');
    must('-n', name, 'addr', 'add', `${subnet}.2/30`, 'dev', 'eth0');
    must('-n', name, 'link', 'set', 'eth0', 'up');
    return new OtherNetwork(`${subnet}.1`, name, device);
  }

  /** Pulls the cable out: nothing comes through, and nobody is told. */
  cut(): void {
    must('link', 'set', this.#device, 'down');
  }

  mend(): void {
    must('link', 'set', this.#device, 'up');
  }
}
