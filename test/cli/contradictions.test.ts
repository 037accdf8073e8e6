import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runEtude } from './run-etude.ts';

describe('options that contradict each other, or do nothing, are refused before any work', () => {
  it.each([
    ['train m --out r --no-sample --listen', '--no-sample contradicts --listen: there is nothing to play'],
    ['train --out r --resume --force', '--resume contradicts --force: one continues a run, the other replaces it'],
    ['train m --out r --soundfont a.sf2', '--soundfont has no effect without --listen'],
    ['train m --out r --schedule-from here', '--schedule-from has no effect without --resume'],
    ['generate m --out a.mid --soundfont none', '--soundfont has no effect without --wav'],
    ['generate m --out a.mid --primer-notes 9', '--primer-notes has no effect without --primer'],
    ['generate m --out a.mid --max-notes 9', '--max-notes has no effect without --primer'],
    ['study m s.mid --threshold 0.2', '--threshold has no effect without --match'],
    ['study m s.mid --cache none', '--cache has no effect without --data'],
    ['study m s.mid --force', '--force has no effect without --out'],
    ['inspect a.mid --force', '--force has no effect without --out'],
    ['inspect a.mid --json --notes 3', '--notes contradicts --json: JSON has every note'],
    ['bench train --force', '--force has no effect without --out or --svg'],
  ])('etude %s', async (line, message) => {
    const words = line.split(' ');
    const { code, stdout, stderr } = await runEtude(...words);
    expect(stderr).toContain(`etude: ${words[0]}: ${message}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('and the tables name only options that are there', () => {
    for (const { options } of COMMANDS) {
      for (const { needs = [], excludes = {} } of Object.values(options)) {
        for (const key of [...needs, ...Object.keys(excludes)]) expect(Object.keys(options)).toContain(key);
      }
    }
  });
});
