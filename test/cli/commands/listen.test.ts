import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeWav } from '../../../src/midi/audio/index.ts';
import { songbookFolder } from '../../../src/package-folder.ts';
import { tinySoundFont } from '../../support/tiny-soundfont.ts';
import { folderWithPiece } from '../folder-with-piece.ts';
import { runEtude } from '../run-etude.ts';

describe('etude listen', () => {
  const quick = ['--soundfont', 'none', '--sample-rate', '8000'];

  it('writes a WAV file and says which synthesizer played and why', async () => {
    const folder = folderWithPiece();
    const out = join(folder, 'sound/piece.wav');
    const { code, stdout, stderr } = await runEtude('listen', join(folder, 'piece.mid'), '--out', out, ...quick);
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain('Played by the additive piano, as requested.');
    expect(stderr).toContain(`${out}: 5s, 8000 Hz`);
    const { sampleRate, channels } = decodeWav(readFileSync(out));
    expect(sampleRate).toBe(8000);
    expect(channels[0].length).toBe(Math.ceil(4.9 * 8000));
  });

  it('writes beside the MIDI file unless told otherwise, as many seconds as requested, and reports in JSON', async () => {
    const folder = folderWithPiece();
    const { code, stdout, stderr } = await runEtude(
      'listen',
      join(folder, 'piece.mid'),
      ...quick,
      '--seconds',
      '1.5',
      '--json',
      '-q',
    );
    expect(code).toBe(0);
    expect(stderr).toBe('');
    const out = join(folder, 'piece.wav');
    expect(JSON.parse(stdout)).toMatchObject({
      out,
      synth: 'additive-piano',
      soundfont: null,
      sampleRate: 8000,
      seconds: 1.5,
      bytes: 24_044,
    });
    expect(readFileSync(out)).toHaveLength(24_044);
  });

  it('refuses to replace a file, and leaves it as it was', async () => {
    const folder = folderWithPiece();
    const out = join(folder, 'a.wav');
    writeFileSync(out, 'old');
    const { code, stderr } = await runEtude('listen', join(folder, 'piece.mid'), '--out', out, ...quick);
    expect(code).toBe(1);
    expect(stderr).toContain('already there');
    expect(readFileSync(out, 'utf8')).toBe('old');
    expect((await runEtude('listen', join(folder, 'piece.mid'), '--out', out, '--force', ...quick)).code).toBe(0);
    expect(readFileSync(out).length).toBeGreaterThan(1000);
  });

  it('plays the songbook that comes with Etude through a SoundFont without a warning', async () => {
    const folder = folderWithPiece();
    const soundfont = join(folder, 'tiny.sf2');
    writeFileSync(soundfont, tinySoundFont());
    // Every third: all of them are of one kind.
    const pieces = readdirSync(songbookFolder()).filter((name, i) => name.endsWith('.mid') && i % 3 === 1);
    expect(pieces.length).toBeGreaterThan(5);
    for (const name of pieces) {
      const short = ['--soundfont', soundfont, '--sample-rate', '8000', '--seconds', '0.1', '--json', '-q'];
      const argv = [join(songbookFolder(), name), '--out', join(folder, `${name}.wav`), ...short];
      const { code, stdout, stderr } = await runEtude('listen', ...argv);
      expect([name, code, stderr]).toEqual([name, 0, '']);
      expect(JSON.parse(stdout)).toMatchObject({ synth: 'soundfont', problems: [] });
    }
  });

  it.each([
    [['missing.mid'], 1, /missing\.mid: there is no such file/],
    [['notes.txt'], 1, /notes\.txt: /],
    [['.'], 1, /is a folder/],
    [['piece.mid', '--soundfont', 'missing.sf2'], 1, /missing\.sf2, is not there/],
    [['piece.mid', '--soundfont', 'notes.txt'], 1, /is not a SoundFont/],
    [['piece.mid', '--sample-rate', '100'], 2, /Expected a whole number from 8,000 to 96,000/],
    [['piece.mid', '--seconds', '0'], 2, /Expected a number above 0/],
    [['piece.mid', '--out', '.', '--force'], 1, /is a folder/],
    [['piece.mid', '--out', 'notes.txt/x.wav'], 1, /is a file, not a folder/],
    [['piece.mid', 'piece.mid'], 2, /too many arguments/],
  ])('refuses %o with code %d and writes nothing', async (argv, expected, message) => {
    const folder = folderWithPiece();
    writeFileSync(join(folder, 'notes.txt'), 'dear diary');
    const inFolder = argv.map((word) => (/^(-|\d)/.test(word) ? word : join(folder, word)));
    const { code, stderr } = await runEtude('listen', ...inFolder);
    expect(code).toBe(expected);
    expect(stderr).toMatch(message);
    expect(readdirSync(folder).sort()).toEqual(['notes.txt', 'piece.mid']);
  });
});
