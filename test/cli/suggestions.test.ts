import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runEtude } from './run-etude.ts';

describe('an option that is not there', () => {
  it.each([
    ['train --lr', '--learning-rate'],
    ['train --learningRate', '--learning-rate'],
    ['train --batch', '--batch-size'],
    ['train --hidden', '--hidden-size'],
    ['train --units', '--hidden-size'],
    ['train --epoch', '--epochs'],
    ['train --output', '--out'],
    ['train --dropout-rate', '--dropout'],
    ['train --seq-len', '--seq-length'],
    ['train --seq_length', '--seq-length'],
    ['train --paitence', '--patience'],
    ['train --overwrite', '--force'],
    ['generate --temp', '--temperature'],
    ['generate --output=x.mid', '--out'],
    ['generate --prompt', '--primer'],
    ['evaluate --device', '--backend'],
  ])('%s is probably %s', async (line, flag) => {
    const { code, stderr } = await runEtude(...line.split(' '), '1');
    expect(code).toBe(2);
    expect(stderr).toContain(`Did you mean ${flag}? See "etude ${line.split(' ')[0]} --help".`);
  });

  it('is named with the commands that have it', async () => {
    expect((await runEtude('train', '--top-k', '1')).stderr).toContain('It is an option of "etude generate".');
    expect((await runEtude('train', '--temperature', '1')).stderr).toContain('It is an option of "etude generate", "etude evaluate".'); // prettier-ignore
  });

  it('is refused without a guess when nothing is near', async () => {
    expect((await runEtude('train', '--xyzzy')).stderr).not.toContain('Did you mean');
  });
});

describe('a command that is not there', () => {
  it.each([
    ['trian', 'train'],
    ['gen', undefined],
    ['inspekt', 'inspect'],
  ])('%s', async (word, meant) => {
    for (const argv of [[word], ['help', word]]) {
      const { code, stderr } = await runEtude(...argv);
      expect(code).toBe(2);
      expect(stderr).toContain(
        `unknown command '${word}'.${meant ? ` Did you mean ${meant}?` : ''} See "etude --help".`,
      );
    }
  });
});

it.each(COMMANDS)('etude help $name is its help', async ({ name }) => {
  const [asked, own] = [await runEtude('help', name), await runEtude(name, '--help')];
  expect(asked).toEqual(own);
  expect(asked).toMatchObject({ code: 0, stderr: '' });
});

it('etude help help is the help of all', async () => {
  expect(await runEtude('help', 'help')).toEqual(await runEtude('--help'));
});
