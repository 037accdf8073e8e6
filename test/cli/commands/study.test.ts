import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { study as words } from '../../../src/cli/study-table.ts';
import type { StudyData } from '../../../src/study/index.ts';
import { contents } from '../folder-contents.ts';
import { runEtude } from '../run-etude.ts';
import { midiBytes, trainTiny, tune, useTinyRun } from '../tiny-music.ts';

const tinyRun = useTinyRun();
const reference = ['--backend', 'reference'];

describe('etude study', () => {
  it('prints findings in sentences and what it left out, and writes a page that needs nothing else', async () => {
    const { run, music, base } = await tinyRun();
    const out = join(base, 'study.html');
    const { code, stdout, stderr } = await runEtude(
      'study',
      run,
      join(music, 'piece-0.mid'),
      '--out',
      out,
      ...reference,
    );
    expect(stderr).toMatch(/wrote .*study\.html \(\d+\.\d kB\)\n$/);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^On this song the model .*\n(?:.*\n)*piece-0\.mid: 30 notes, 9s, read by .*run \(quick, 8 LSTM units, training step 12\)\n1\. .*\nLeft out: findings about .*untrained networks of this shape do the same/,
    );
    const page = readFileSync(out, 'utf8');
    expect(page).toContain('What stands out');
    expect(page).not.toMatch(/(?:src|href)="https?:/);
  });

  it('prints one JSON object with --json, and the same into a file that ends in .json', async () => {
    const { run, music, base } = await tinyRun();
    const out = join(base, 'study.json');
    const song = join(music, 'piece-1.mid');
    const { code, stdout } = await runEtude(
      'study',
      run,
      song,
      '--json',
      '--quiet',
      '--at',
      '9',
      '--out',
      out,
      ...reference,
    );
    expect(code).toBe(0);
    const data = JSON.parse(stdout) as StudyData;
    expect(data).toMatchObject({ format: 'etude-study', version: 3, song: { notes: 30 } });
    expect(data.saliency!.integrated.map(({ note }) => note)).toEqual([9, 9, 9]);
    expect(readFileSync(out, 'utf8')).toBe(stdout);
  });

  it('compares the best weights with the newest, searches and measures in other music', async () => {
    const { run, music } = await tinyRun();
    const song = join(music, 'piece-2.mid');
    const { code, stdout } = await runEtude(
      ...['study', run, song, '--compare', join(run, 'last.safetensors'), '--data', music, '--cache', 'none'],
      ...['--match', '11-13', '--threshold', '0.001', '--units', '1,3-4', '--json', '--quiet', ...reference],
    );
    expect(code).toBe(0);
    const { comparison, matches, ablation } = JSON.parse(stdout) as StudyData;
    expect(comparison).toMatchObject({ after: { step: 12 } });
    expect(matches).toMatchObject({ units: [1, 3, 4], from: 11, to: 13, searched: 120 });
    expect(ablation).toMatchObject({ on: music, predictions: 4 * 29 });
  });

  it('studies a model whose notes are drawn part by part, in all that can be asked for', async () => {
    const chained = ['--velocity', 'classes', '--embedding', '4', '--head-hidden', '3', '--chords', '30', '--sustain'];
    const { run, music, base } = await trainTiny(...chained, '--order', 'step,pitch,duration,velocity');
    const [song, out] = [join(music, 'piece-2.mid'), join(base, 'study.html')];
    const { code, stdout, stderr } = await runEtude(
      ...['study', run, song, '--compare', join(run, 'last.safetensors'), '--data', music, '--cache', 'none'],
      ...[
        '--match',
        '10-12',
        '--threshold',
        '0.001',
        '--units',
        '1,3',
        '--at',
        '9',
        '--out',
        out,
        '--json',
        ...reference,
      ],
    );
    expect([code, stderr]).toEqual([0, expect.stringContaining('study.html')]);
    const { heads, saliency, ablation, comparison, matches } = JSON.parse(stdout) as StudyData;
    expect(heads.map(({ name }) => name)).toEqual(['step', 'pitch', 'duration', 'velocity']);
    expect(saliency!.integrated).toHaveLength(4);
    expect(ablation!.units[0].losses).toHaveLength(4);
    expect(comparison!.heads).toHaveLength(4);
    expect(matches).toBeDefined();
    const page = readFileSync(out, 'utf8');
    expect(page).toContain(
      'pitch given the time to the next note; duration given the time to the next note and pitch; velocity given the time to the next note, pitch and duration',
    );
    expect(page).toContain('pitch, pitch class, time since the note before, duration, velocity');
  });

  it('leaves a file that is there, unless told to replace it, and writes nothing when it fails', async () => {
    const { run, music, base } = await tinyRun();
    const out = join(base, 'kept.html');
    writeFileSync(out, 'mine');
    const song = join(music, 'piece-0.mid');
    const refused = await runEtude('study', run, song, '--out', out, ...reference);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('pass --force');
    expect(readFileSync(out, 'utf8')).toBe('mine');
    expect((await runEtude('study', run, song, '--out', out, '--force', '--quiet', ...reference)).code).toBe(0);
    expect(readFileSync(out, 'utf8')).toMatch(/^<!doctype html>/);
    const before = contents(base);
    expect((await runEtude('study', run, song, '--out', join(base, 'new.html'), '--at', '31', ...reference)).code).toBe(
      2,
    );
    expect(contents(base)).toEqual(before);
  });

  it.each<[string, (folders: { run: string; music: string; base: string }) => string[], number, RegExp]>([
    [
      'a song that is too short',
      ({ run, base }) => [run, shortSong(base)],
      1,
      /6 notes cannot be studied.*pieces of 7 at least/,
    ],
    ['a file that is no MIDI file', ({ run }) => [run, join(run, 'config.json')], 1, /config\.json/],
    ['a song that is not there', ({ run }) => [run, 'nowhere.mid'], 1, /nowhere\.mid/],
    ['a model that is not there', ({ music }) => ['nowhere', join(music, 'piece-0.mid')], 1, /no such file or folder/],
    [
      'a layer that is not there',
      ({ run, music }) => [run, join(music, 'piece-0.mid'), '--layer', '2'],
      2,
      /layers 1 to 1, got 2/,
    ],
    [
      'a unit that is not there',
      ({ run, music }) => [run, join(music, 'piece-0.mid'), '--units', '3,9'],
      2,
      /units 1 to 8, got 9/,
    ],
    [
      'a list that is none',
      ({ run, music }) => [run, join(music, 'piece-0.mid'), '--units', '3-'],
      2,
      /ranges such as/,
    ],
    [
      'a place that is none',
      ({ run, music }) => [run, join(music, 'piece-0.mid'), '--match', '9-3'],
      2,
      /such as 25-32/,
    ],
    [
      'a beginning beyond the end',
      ({ run, music }) => [run, join(music, 'piece-0.mid'), '--from', '31'],
      2,
      /the song has notes 1 to 30, got 31/,
    ],
    [
      'a port of a page that is not served',
      ({ run, music }) => [run, join(music, 'piece-0.mid'), '--port', '8080'],
      2,
      /--port has no effect without --serve/,
    ],
    [
      'a cache without music',
      ({ run, music }) => [run, join(music, 'piece-0.mid'), '--cache', 'none'],
      2,
      /--cache has no effect without --data/,
    ],
  ])('refuses %s with a sentence', async (_, words, code, message) => {
    const folders = await tinyRun();
    const ran = await runEtude('study', ...words(folders), ...reference);
    expect(ran.stderr).toMatch(message);
    expect(ran).toMatchObject({ code, stdout: '' });
  });
});

describe('the examples of the help of etude study', () => {
  const bach = resolve('data/songbook/bach-prelude-c.mid');
  const lesson = resolve('scripts/lesson/model.safetensors');
  // One that serves goes on until Ctrl-C: test/cli/study/served-study.test.ts runs it.
  const commands = words.examples.map(([command]) => command.replace(/ \|.*/, '')).filter((command) => !command.includes('--serve')); // prettier-ignore

  it.each(commands)('%s works with a model of 8 units and a short piece', async (command) => {
    const { run, music, base } = await tinyRun();
    const given = command.replaceAll('runs/first', run).replace('song.mid', join(music, 'piece-0.mid'));
    // Of the notes that an example names, as many as a tiny piece has.
    const argv = given.replace('study.html', join(base, 'example.html')).replace('43', '22').replace('25-32', '15-22');
    const searched = argv.replace('--data music', `--data ${music} --cache none`);
    const { code, stderr } = await runEtude(...searched.split(' ').slice(1), '--quiet', ...reference);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('one that searches finds something with the model of the lesson', async () => {
    const command = commands.find((each) => each.includes('--match'))!;
    const argv = command.replace('runs/first', lesson).replace('song.mid', bach).replace(' --data music', '');
    const { code, stdout } = await runEtude(...argv.split(' ').slice(1), '--json', '--quiet');
    expect(code).toBe(0);
    const { matches } = JSON.parse(stdout) as StudyData;
    expect(matches!.found).toBeGreaterThan(0);
  });

  it('of a model whose file knows no steps it tells none', async () => {
    const { base } = await tinyRun();
    const out = join(base, 'lesson.html');
    const { stdout } = await runEtude('study', lesson, bach, '--out', out, '--quiet');
    const { stdout: json } = await runEtude('study', lesson, bach, '--json', '--quiet');
    expect((JSON.parse(json) as StudyData).model.step).toBeNull();
    expect(stdout).toContain('(quick, 32 LSTM units)\n');
    const page = readFileSync(out, 'utf8');
    expect(page).toContain('<dt>Trained</dt><dd>its file does not say for how long</dd>');
  });
});

function shortSong(base: string): string {
  const path = join(base, 'short.mid');
  writeFileSync(path, midiBytes(tune(6, 60)));
  return path;
}
