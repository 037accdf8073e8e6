import { describe, expect, it } from 'vitest';
import { defineCommand, type Action, type CommandSpec } from '../../src/cli/command.ts';
import { InterruptedError } from '../../src/cli/exit-codes.ts';
import { COMMON, SEED, flag, number, text } from '../../src/cli/options.ts';
import { run } from '../../src/cli/run.ts';
import { DataError, UsageError } from '../../src/errors.ts';
import { DivergedError, NonFiniteError } from '../../src/nn/errors.ts';
import { runEtude, testIo } from './run-etude.ts';

const words = defineCommand({
  name: 'play',
  summary: 'play a game',
  description: 'Plays.',
  args: [{ name: 'paths', required: true, variadic: true, help: 'files' }],
  options: {
    seed: SEED,
    maxSize: number({ min: 0, help: 'size', default: 3, because: 'it is enough' }),
    title: text({ value: 'text', help: 'title' }),
    loud: flag('louder'),
    ...COMMON,
  },
  examples: [['etude play a.mid', 'plays a']],
});

/** Runs `etude play …` with `action` in place of its code. */
async function play(argv: string[], action: Action<typeof words.options>) {
  const { io, stdout, stderr } = testIo();
  const command = { ...words, load: () => Promise.resolve(action) } as unknown as CommandSpec;
  const code = await run(argv, io, [command]);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

const throwing = (thrown: unknown) => play(['play', 'a'], () => Promise.reject(thrown as Error));

describe('a command', () => {
  it('gets its words and the values of all its options, defaults included', async () => {
    let got: unknown;
    const { code } = await play(['play', 'a', '--max-size', '1e1', 'b', '--loud', '-q'], ({ args, options }) => {
      got = { args, options };
      return Promise.resolve(undefined);
    });
    expect(code).toBe(0);
    expect(got).toEqual({
      args: ['a', 'b'],
      options: { seed: 42, maxSize: 10, title: undefined, loud: true, json: false, quiet: true },
    });
  });

  it('takes a word after -- as no option', async () => {
    await play(['play', '--', '--loud'], ({ args, options }) => {
      expect(args).toEqual(['--loud']);
      expect(options.loud).toBe(false);
      return Promise.resolve(undefined);
    });
    expect.assertions(2);
  });

  it('says the exit code', async () => {
    expect((await play(['play', 'a'], () => Promise.resolve(1))).code).toBe(1);
  });
});

describe('exit codes', () => {
  const place = { stage: 'gradient', layer: 'lstm.0', gate: 'f' } as const;
  const diverged = new DivergedError(new NonFiniteError(place, NaN, NaN), { step: 7, epoch: 1, learningRate: 5 });

  it.each([
    [new DataError('bad data'), 1, 'etude: bad data\n'],
    [new UsageError('bad words'), 2, 'etude: bad words\n'],
    [diverged, 3, /^etude: Training diverged at step 7 .*The learning rate was 5\./],
    [new InterruptedError('stopped'), 130, 'etude: stopped\n'],
  ])('%s ends with %d', async (thrown, code, stderr) => {
    const ran = await throwing(thrown);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toMatch(stderr);
    expect(ran.stdout).toBe('');
  });

  it('a defect of Etude ends with 1, a stack, and a request to report it', async () => {
    const { code, stderr } = await throwing(new TypeError('x is not a function'));
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^etude: this is a defect of Etude.*Please report it.*\nTypeError: x is not a function\n\s+at /,
    );
    expect((await throwing('a string')).stderr).toContain('a string');
  });
});

describe('wrong words', () => {
  const never: Action<typeof words.options> = () => Promise.reject(new Error('must not run'));

  it.each([
    [['play', 'a', '--lout'], "unknown option '--lout'. Did you mean --loud?"],
    [['pley', 'a'], "unknown command 'pley'. Did you mean play?"],
    [['play'], "missing required argument 'paths'."],
    [['play', 'a', '--seed'], "option '--seed <n>' argument missing."],
    [['play', 'a', '--seed', '-1'], "option '--seed <n>' argument '-1' is invalid. Expected a whole number from 0"],
    [['play', 'a', '--seed', '1.5'], 'Expected a whole number'],
    [['play', 'a', '--max-size=lots'], 'Expected a number of at least 0.'],
    [['--bogus'], "unknown option '--bogus'."],
  ])('%o are refused in one sentence with the way to the help', async (argv, message) => {
    const { code, stdout, stderr } = await play(argv, never);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^etude: .* See "etude( play)? --help"\.\n$/);
    expect(stderr).toContain(message);
  });

  it('no words at all show the help on stderr', async () => {
    const { code, stdout, stderr } = await play([], never);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('Usage: etude');
  });
});

describe('help', () => {
  it('of a command shows options with defaults and their reasons, and examples', async () => {
    const { code, stdout, stderr } = await play(['play', '--help'], () => Promise.resolve(0));
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain('--max-size <x>');
    expect(stdout.replace(/\s+/g, ' ')).toContain('(default: 3: it is enough)');
    expect(stdout).toContain('etude play a.mid   plays a');
  });

  it('lists every command with its summary, and the exit codes', async () => {
    const { code, stdout } = await runEtude('--help');
    expect(code).toBe(0);
    for (const name of ['inspect', 'listen', 'summary', 'gradcheck'])
      expect(stdout).toMatch(new RegExp(`^  ${name}`, 'm'));
    expect(stdout).toContain('130  interrupted, after saving');
  });

  it.each(['inspect', 'listen', 'summary', 'gradcheck'])('%s has a help of its own, with an example', async (name) => {
    const { code, stdout } = await runEtude('help', name);
    expect(code).toBe(0);
    expect(stdout).toContain(`etude ${name}`);
    expect(stdout).toContain('Examples:');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('the version is that of package.json', async () => {
    const { code, stdout } = await runEtude('--version');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
