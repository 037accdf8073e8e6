import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMidiFile } from '../../../src/midi/read/read-midi-file.ts';
import type { MidiFile } from '../../../src/midi/types.ts';
import { writeMidi } from '../../../src/midi/write.ts';
import * as midi from '../../support/midi-bytes.ts';
import { folderWithPiece, scale, violin } from '../folder-with-piece.ts';
import { runEtude } from '../run-etude.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('etude inspect', () => {
  it('shows instruments, the first notes with their names, and distributions on stdout', async () => {
    const path = join(folderWithPiece(), 'piece.mid');
    const { code, stdout, stderr } = await runEtude('inspect', path, '--notes', '2');
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout).toContain(path);
    expect(stdout).toContain('format 1, 220 ticks a quarter note, 0:03.9, 17 notes');
    expect(stdout).toContain('tempo 120 bpm\n  meter 4/4\n');
    expect(stdout).toMatch(/0 {2}Acoustic Grand Piano \(0\).* 8 {2}C4 to C5 +0:00\.0 to 0:03\.9 {2}<- shown below/);
    expect(stdout).toMatch(/1 {2}drums \(0\) +Kit +1 {2}keys 36 to 36/);
    expect(stdout).toMatch(/1 {2}C4 +60 +0\.000 +0\.000 +0\.400 +80\n +2 {2}D4 +62 +0\.500 +0\.500 +0\.400 +80\n\n/);
    expect(stdout).toMatch(/duration \(s\) +0\.400 +0\.400 +0\.400/);
  });

  it('does not let a name in the file command the terminal', async () => {
    const { stdout } = await runEtude('inspect', join(folderWithPiece(), 'piece.mid'));
    expect(stdout).not.toContain('\u001b');
    expect(stdout).toContain('Right\\u001b[31m hand');
  });

  it('lists the notes of the instrument that is asked for', async () => {
    const path = join(folderWithPiece(), 'piece.mid');
    expect((await runEtude('inspect', path, '--instrument', 'violin')).code).toBe(2);
    expect((await runEtude('inspect', path, '--instrument', 'program:violin')).stdout).toMatch(/1 {2}C5 +72/);
    expect((await runEtude('inspect', path, '--instrument', 'drums')).stdout).toMatch(/1 {2}C2 +36/);
    const all = (await runEtude('inspect', path, '--instrument', 'all')).stdout;
    expect(all.match(/<- shown below/g)).toHaveLength(2);
    expect(all).toMatch(/drums \(0\) .*36 .*0:00\.1\n/);
    expect(all).toMatch(/1 {2}C4 .*\n +2 {2}C5 .*\n +3 {2}D4 /);
    const { code, stdout, stderr } = await runEtude('inspect', path, '--instrument', '7');
    expect(code).toBe(0);
    expect(stdout).not.toContain('Pitch');
    expect(stderr).toMatch(/no instrument index:7/);
  });

  it('with --json prints one object a file, its notes in reading order and to the last bit', async () => {
    const folder = folderWithPiece();
    writeFileSync(join(folder, 'another.mid'), writeMidi([scale]));
    const { code, stdout } = await runEtude('inspect', folder, '--json');
    expect(code).toBe(0);
    const objects = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(objects.map(({ path }) => path)).toEqual([join(folder, 'another.mid'), join(folder, 'piece.mid')]);
    const file = readMidiFile(join(folder, 'piece.mid'));
    expect(objects[1]).toEqual({
      path: join(folder, 'piece.mid'),
      format: 1,
      resolution: 220,
      endTime: file.endTime,
      tempo: [[0, 120]],
      meter: [[0, 4, 4]],
      problems: file.problems,
      instruments: file.instruments.map(({ notes, ...rest }) => ({
        ...rest,
        notes: notes.map(({ pitch, velocity, start, end }) => [pitch, velocity, start, end]),
      })),
    });
  });

  it('shows how the file counts time: in words, and in JSON', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'timing.mid');
    const note = [midi.noteOn(0, 60), midi.noteOff(960, 60)];
    const changes = [midi.tempo(0, 600_000), midi.meter(96, 6, 3), midi.meter(96, 3, 2), midi.tempo(0, 400_000)];
    writeFileSync(path, midi.midiFile([changes, note]));
    const { stdout } = await runEtude('inspect', path);
    expect(stdout).toContain('\n  tempo 100 bpm, 150 bpm from 0:01.2\n  meter 6/8 from 0:00.6, 3/4 from 0:01.2\n\n');
    const { tempo, meter } = JSON.parse((await runEtude('inspect', path, '--json')).stdout) as MidiFile;
    expect({ tempo, meter }).toEqual({ tempo: readMidiFile(path).tempo, meter: readMidiFile(path).meter });
    const many = Array.from({ length: 20 }, (_, i) => midi.meter(96, 2 + (i % 2), 2));
    writeFileSync(path, midi.midiFile([many, note]));
    const long = (await runEtude('inspect', path)).stdout;
    expect(long).toContain('2/4 from 0:07.5, 3/4 from 0:08.0, and 4 more changes\n');
    writeFileSync(path, midi.midiFile([note]));
    expect((await runEtude('inspect', path)).stdout).not.toContain('meter');
  });

  it('shows the sustain pedal: in words, in JSON, and below the piano roll', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'pedal.mid');
    const pedal = (delta: number, value: number): number[] => [...midi.varLen(delta), 0xb0, 64, value];
    const second = 192;
    // Two notes of half a second, the first of which is held to its fourth second; then the pedal is up.
    const notes = (pitch: number) => [midi.noteOn(0, pitch), midi.noteOff(second / 2, pitch)];
    const events = [pedal(0, 127), ...notes(60), pedal(3.5 * second, 0), ...notes(62), pedal(second, 90), pedal(second, 0)]; // prettier-ignore
    writeFileSync(path, midi.midiFile([events]));
    const { stdout } = await runEtude('inspect', path, '--out', join(folder, 'plots'));
    expect(stdout).toMatch(/duration \(s\) +0\.500 .* 0\.500\n +with pedal \(s\) +0\.500 .* 4\.000\n/);
    expect(stdout).toContain('sustain pedal: down 89 % of the time, 2 presses; the median note sounds 2.250 s, its key is down 0.500 s'); // prettier-ignore
    const roll = readFileSync(join(folder, 'plots/pedal-piano-roll.svg'), 'utf8');
    expect(roll).toContain('the sustain pedal is down');
    const { instruments } = JSON.parse((await runEtude('inspect', path, '--json')).stdout) as {
      instruments: Record<string, unknown>[];
    };
    expect(instruments[0].pedal).toEqual({
      times: [[0, 4], [5.5, 6.5]], // prettier-ignore
      share: 4 / 4.5,
      median: { keys: 0.5, sounds: 2.25 },
    });
  });

  it('shows the other files when one cannot be read, and then ends with 1', async () => {
    const folder = folderWithPiece();
    writeFileSync(join(folder, 'broken.mid'), 'not a MIDI file at all');
    const { code, stdout, stderr } = await runEtude('inspect', folder);
    expect(code).toBe(1);
    expect(stdout).toContain('piece.mid');
    expect(stderr).toMatch(/^etude: .*broken\.mid: /);
    const json = await runEtude('inspect', folder, '--json');
    expect(json.code).toBe(1);
    const objects = json.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // prettier-ignore
    expect(objects[0]).toMatchObject({ path: join(folder, 'broken.mid'), error: { code: 'not-midi' } });
    expect(objects[1]).toHaveProperty('instruments');
  });

  it('shows a file without notes, and what is wrong with it', async () => {
    const path = join(temporaryFolder(), 'empty.mid');
    writeFileSync(path, writeMidi([]));
    const { code, stdout } = await runEtude('inspect', path);
    expect(code).toBe(0);
    expect(stdout).toContain('0 notes');
    expect(stdout).toContain('no-notes');
  });

  it('writes four pictures of each file, and does not replace any', async () => {
    const folder = folderWithPiece();
    mkdirSync(join(folder, 'sub'));
    writeFileSync(join(folder, 'sub/piece.mid'), writeMidi([violin]));
    const plots = join(folder, 'plots/here');
    const { code, stderr } = await runEtude('inspect', folder, '--out', plots);
    expect(code).toBe(0);
    const names = ['piece', 'piece-2'].flatMap((name) => ['duration', 'piano-roll', 'pitch', 'step'].map((kind) => `${name}-${kind}.svg`)); // prettier-ignore
    expect(readdirSync(plots).sort()).toEqual(names.sort());
    expect(readFileSync(join(plots, 'piece-pitch.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>$/s);
    expect(stderr).toContain(`wrote ${join(plots, 'piece-step.svg')}`);
    writeFileSync(join(plots, 'piece-2-step.svg'), 'mine');
    const again = await runEtude('inspect', folder, '--out', plots);
    expect(again.code).toBe(1);
    expect(again.stdout).toBe('');
    expect(again.stderr).toContain('--force');
    expect(readFileSync(join(plots, 'piece-2-step.svg'), 'utf8')).toBe('mine');
    expect((await runEtude('inspect', folder, '--out', plots, '--force', '--quiet')).stderr).toBe('');
    expect(readFileSync(join(plots, 'piece-2-step.svg'), 'utf8')).not.toBe('mine');
  });

  it.each([
    ['nothing/here', /does not exist/],
    ['.', /no MIDI files/],
    ['*.mid', /matches no MIDI file/],
  ])('refuses the source %s with code 1', async (source, message) => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await runEtude('inspect', join(folder, source));
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });

  it('refuses a number of notes that is none', async () => {
    for (const count of ['-1', '1.5', 'many']) {
      const { code, stderr } = await runEtude('inspect', 'x.mid', '--notes', count);
      expect(code).toBe(2);
      expect(stderr).toContain('Expected a whole number from 0 to 1,000,000');
    }
  });
});

it.skipIf(!existsSync('data/songbook'))('the songbook can be inspected as a whole', async () => {
  const { code, stdout } = await runEtude('inspect', 'data/songbook', '--json');
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n').length).toBe(
    readdirSync('data/songbook').filter((name) => name.endsWith('.mid')).length,
  );
});
