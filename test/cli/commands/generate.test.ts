import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../../../src/cli/run-folder.ts';
import { readMidiFile, type Note } from '../../../src/midi/node.ts';
import { writeMidi } from '../../../src/midi/write.ts';
import { encodeSafetensors } from '../../../src/nn/index.ts';
import type { MusicAnalysis } from '../../../src/music/index.ts';
import { midiFile, noteOff, noteOn } from '../../support/midi-bytes.ts';
import { notesByMidiFile, notesByTone } from '../../support/other-readers.ts';
import { contents, digest } from '../folder-contents.ts';
import { runEtude } from '../run-etude.ts';
import { midiBytes, trainTiny, tune, useTinyRun } from '../tiny-music.ts';

const tinyRun = useTinyRun();

const notesOf = (path: string): Note[] => readMidiFile(path).instruments[0].notes;

describe('etude generate', () => {
  it('writes as many new notes as asked for, and says figures of them and what the model heard', async () => {
    const { run, base } = await tinyRun();
    const out = join(base, 'new/piece.mid');
    const { code, stdout, stderr } = await runEtude('generate', run, '--out', out, '--notes', '30');
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(notesOf(out)).toHaveLength(30);
    expect(stderr).toMatch(/Primer +the model's own, the opening of “piece-\d”, 6 notes/);
    expect(stderr).toMatch(/Length +30 notes, /);
    expect(stderr).toMatch(/Range +\S+ to \S+, \d+ different keys/);
    expect(stderr).toMatch(/Repeats +\d+ % /);
    expect(stderr).toMatch(/Held keys +[\d.]+ % of the notes strike a key that still sounds/);
    expect(stderr).toMatch(/Density +[\d.]+ notes a second/);
    expect(stderr).toContain(out);
  });

  it('gives the same bytes for the same seed, from the run folder or the checkpoint, and others for another', async () => {
    const { run, base } = await tinyRun();
    const draw = async (model: string, name: string, ...more: string[]): Promise<string> => {
      const out = join(base, name);
      expect((await runEtude('generate', model, '--out', out, ...more)).code).toBe(0);
      return digest(out);
    };
    const first = await draw(run, 'a.mid');
    expect(await draw(join(run, 'best.safetensors'), 'b.mid')).toBe(first);
    expect(await draw(run, 'c.mid', '--seed', '43')).not.toBe(first);
    expect(await draw(run, 'd.mid', '--step-temperature', '0.2')).not.toBe(first);
    expect(await draw(run, 'e.mid', '--top-k', '1')).not.toBe(first);
    expect(await draw(run, 'f.mid', '--top-p', '0.1')).not.toBe(first);
  });

  it('reports in JSON, and writes picture and sound', async () => {
    const { run, base } = await tinyRun();
    const [out, svg, wav] = ['new.mid', 'new.svg', 'new.wav'].map((name) => join(base, name));
    const args = [
      '--svg',
      svg,
      '--wav',
      wav,
      '--soundfont',
      'none',
      '--notes',
      '8',
      '--json',
      '--quiet',
      '--seed',
      '3',
    ];
    const { stdout, stderr } = await runEtude('generate', run, '--out', out, ...args);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      model: run,
      ...{ out, svg, wav },
      seed: 3,
      notes: 8,
      primer: { notes: 6, included: false },
      analysis: { notes: 8, lowest: expect.any(Number) as number },
    });
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [^]*Piano roll from [^]*: 8 notes/);
    expect(readFileSync(wav).subarray(0, 4).toString()).toBe('RIFF');
  });

  it('goes on from a MIDI file, and writes its notes first when asked to', async () => {
    const { run, base } = await tinyRun();
    const primer = join(base, 'primer.mid');
    writeFileSync(primer, midiBytes(tune(12, 64)));
    const args = ['--primer', primer, '--notes', '10'];
    const plain = await runEtude('generate', run, '--out', join(base, 'a.mid'), ...args);
    expect(plain.stderr).toContain(`${primer}, 6 notes`);
    const with12 = [...args, '--primer-notes', '12', '--include-primer'];
    const { stderr } = await runEtude('generate', run, '--out', join(base, 'b.mid'), ...with12);
    expect(stderr).toContain(`${primer}, 12 notes, written before the new notes`);
    expect(stderr).toMatch(/Length +10 notes/);
    const byStart = notesOf(join(base, 'b.mid')).sort((a, b) => a.start - b.start || a.pitch - b.pitch);
    expect(byStart).toHaveLength(22);
    expect(byStart.slice(0, 12).map(({ pitch }) => pitch)).toEqual(tune(12, 64).map(({ pitch }) => pitch));
    expect(notesOf(join(base, 'a.mid'))).toHaveLength(10);
  });

  it('hears as many notes of a primer as are asked for, all of a short one, or none', async () => {
    const { run, base } = await tinyRun();
    const primer = join(base, 'primer.mid');
    writeFileSync(primer, midiBytes(tune(4, 64)));
    const heard = async (...more: string[]) => {
      const args = ['generate', run, '--out', join(base, 'a.mid'), '--force', '--json', '-q', ...more];
      return (JSON.parse((await runEtude(...args)).stdout) as { primer: unknown }).primer;
    };
    expect(await heard('--primer', primer)).toEqual({ name: primer, notes: 4, included: false });
    expect(await heard('--primer', primer, '--primer-notes', '1')).toEqual({ name: primer, notes: 1, included: false });
    expect(await heard('--primer', 'none')).toEqual({ name: 'none', notes: 0, included: false });
    expect(notesOf(join(base, 'a.mid'))).toHaveLength(120);
    const { stderr } = await runEtude('generate', run, '--out', join(base, 'b.mid'), '--primer', 'none');
    expect(stderr).toMatch(/Primer +none\n/);
  });

  it('goes on from notes that are typed, and takes an existing file of that name for the file', async () => {
    const { run, base } = await tinyRun();
    const out = join(base, 'a.mid');
    const args = ['generate', run, '--out', out, '--force', '--notes', '5', '--include-primer'];
    const { code, stderr } = await runEtude(...args, '--primer', 'C4 E4 [G4 C5]:2');
    expect([code, stderr]).toEqual([0, expect.stringContaining('“C4 E4 [G4 C5]:2”, 4 notes, written before')]);
    const sorted = notesOf(out).sort((a, b) => a.start - b.start || a.pitch - b.pitch);
    expect(sorted.slice(0, 4).map(({ pitch, start }) => [pitch, start])).toEqual([[60, 0], [64, 0.5], [67, 1], [72, 1]]); // prettier-ignore
    const two = await runEtude(...args, '--primer', 'C4 E4 G4', '--primer-notes', '2');
    expect(two.stderr).toContain('“C4 E4 G4”, 2 notes');
    const file = join(base, 'c4');
    writeFileSync(file, midiBytes(tune(3, 60)));
    expect((await runEtude(...args, '--primer', file)).stderr).toContain(`${file}, 3 notes`);
  });

  it('ends after so many seconds, the notes of a primer before them not counted', async () => {
    const { run, base } = await tinyRun();
    const [a, b] = [join(base, 'a.mid'), join(base, 'b.mid')];
    const args = ['generate', run, '--seconds', '7.5', '--json', '-q', '--out'];
    const { notes, ended } = JSON.parse((await runEtude(...args, a)).stdout) as { notes: number; ended: string };
    expect([notesOf(a).length, ended]).toEqual([notes, 'seconds']);
    const end = Math.max(...notesOf(a).map((note) => note.end));
    expect(end).toBeLessThan(7.51);
    await runEtude(...args, b, '--include-primer');
    const both = notesOf(b).sort((one, other) => one.start - other.start || one.pitch - other.pitch);
    const from = both[6].start;
    expect(both).toHaveLength(notes + 6);
    expect(Math.max(...both.map((note) => note.end)) - from).toBeCloseTo(end, 2);
    const few = await runEtude(
      'generate',
      run,
      '--seconds',
      '7.5',
      '--notes',
      '3',
      '--json',
      '-q',
      '--out',
      a,
      '--force',
    );
    expect(JSON.parse(few.stdout)).toMatchObject({ notes: 3, ended: 'notes' });
  });

  it('strikes no key that is held, and writes none that the primer does', async () => {
    const { run, base } = await tinyRun();
    const primer = join(base, 'primer.mid');
    // Eight quarter notes on one key, each let go a quarter late.
    const legato = [
      ...Array.from({ length: 8 }, () => noteOn(96, 60)),
      ...Array.from({ length: 8 }, () => noteOff(96, 60)),
    ];
    writeFileSync(primer, Buffer.from(midiFile([[...legato]], { division: 96 })));
    const [a, b] = [join(base, 'a.mid'), join(base, 'b.mid')];
    const args = ['generate', run, '--notes', '300', '--temperature', '3', '--json', '-q', '--out'];
    const plain = JSON.parse((await runEtude(...args, a)).stdout) as { notes: number; analysis: MusicAnalysis };
    await runEtude(...args, b, '--primer', primer, '--include-primer');
    expect(plain.analysis.struckWhileHeld).toBe(0);
    // The reader refuses keys that are not let go before they are struck again.
    expect(notesByMidiFile(readFileSync(a))).toHaveLength(plain.notes);
    expect(
      notesByMidiFile(readFileSync(b))
        .slice(0, 5)
        .map(({ pitch }) => pitch),
    ).toEqual([60, 60, 60, 60, 60]);
    for (const path of [join(run, 'generated.mid'), a, b]) {
      expect(notesByTone(readFileSync(path))).toHaveLength(notesOf(path).length);
    }
  });

  it('hears the instrument of the primer that is asked for', async () => {
    const { run, base } = await tinyRun();
    const primer = join(base, 'primer.mid');
    const of = (program: number, count: number) => ({ program, isDrum: false, name: '', notes: tune(count, 60) });
    writeFileSync(primer, writeMidi([of(0, 2), of(40, 12)]));
    const first = await runEtude('generate', run, '--out', join(base, 'c.mid'), '--primer', primer);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining(`${primer}, 2 notes`) as string });
    const violin = ['--primer', primer, '--primer-instrument', 'program:violin'];
    expect((await runEtude('generate', run, '--out', join(base, 'a.mid'), ...violin)).code).toBe(0);
    const none = ['--primer', primer, '--primer-instrument', 'drums'];
    const missing = await runEtude('generate', run, '--out', join(base, 'b.mid'), ...none);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${primer}: The file has no instrument drums`) as string,
    });
  });

  it.each([
    ['40', { program: 40, isDrum: false }],
    ['violin', { program: 40, isDrum: false }],
    ['drums', { program: 0, isDrum: true }],
  ])('lets %s play it', async (instrument, expected) => {
    const { run, base } = await tinyRun();
    const out = join(base, 'a.mid');
    expect((await runEtude('generate', run, '--out', out, '--instrument', instrument)).code).toBe(0);
    expect(readMidiFile(out).instruments[0]).toMatchObject(expected);
  });

  it("reproduces the tutorial's defect with a model that reads pitch as a number, and refuses to with another", async () => {
    const { run, base } = await trainTiny('--preset', 'tutorial');
    const draw = async (name: string, ...more: string[]): Promise<string> => {
      expect((await runEtude('generate', run, '--out', join(base, name), ...more)).code).toBe(0);
      return digest(join(base, name));
    };
    expect(await draw('a.mid', '--compat', 'tutorial')).not.toBe(await draw('b.mid'));
    const oneHot = await tinyRun();
    const refused = await runEtude('generate', oneHot.run, '--out', join(base, 'c.mid'), '--compat', 'tutorial');
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("pitch 'scalar'") as string });
  });

  it('refuses a temperature for what the model does not draw', async () => {
    const { run, base } = await trainTiny('--preset', 'tutorial');
    const { code, stderr } = await runEtude('generate', run, '--out', join(base, 'a.mid'), '--step-temperature', '2');
    expect(code).toBe(2);
    expect(stderr).toMatch(/draws no "step"/);
  });
});

describe('bad input for generating', () => {
  it.each([
    [['--temperature', '0'], /Expected a number above 0/],
    [['--temperature', '-1'], /Expected a number above 0/],
    [['--temperature', 'hot'], /Expected a number above 0/],
    [['--step-temperature', '0'], /Expected a number above 0/],
    [['--notes', '0'], /Expected a whole number/],
    [['--seconds', '0'], /Expected a number from 0.1 to 36,000/],
    [['--top-p', '0'], /Expected a number above 0/],
    [['--top-k', '-1'], /Expected a whole number/],
    [['--instrument', 'kazoo'], /Expected a program from 0 to 127/],
    [['--instrument', '128'], /Expected a program from 0 to 127/],
    [['--backend', 'gpu'], /Expected auto, simd/],
    [['--primer-notes', '8'], /no effect without --primer/],
    [['--primer', 'x.mid', '--primer-notes', '0'], /Expected a whole number from 1/],
    [['--primer', 'none', '--primer-notes', '5'], /--primer-notes: no effect with --primer none/],
    [['--primer', 'none', '--include-primer'], /--include-primer: no effect with --primer none/],
    [['--primer', 'none', '--compat', 'none'], /--compat none: no effect with --primer none/],
    [['--primer', 'C4 H4'], /--primer: there is no file “C4 H4”.*column 4: expected a note.*got "H4"/],
    [['--primer', 'C4', '--primer-instrument', 'first'], /--primer-instrument: no effect on typed notes.*no file “C4”/],
  ])('%o ends with 2 and writes nothing', async (more, message) => {
    const { run, base } = await tinyRun();
    const out = join(base, 'a.mid');
    const { code, stdout, stderr } = await runEtude('generate', run, '--out', out, ...more);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(existsSync(out)).toBe(false);
  });

  it('a model that is cut off anywhere, is of another architecture, is no model, or is not there, ends with 1', async () => {
    const { run, base } = await tinyRun();
    const bytes = readFileSync(join(run, 'best.safetensors'));
    const { extra, ...checkpoint } = readCheckpoint(run);
    const path = join(base, 'm.safetensors');
    const broken: [Uint8Array | (() => void), RegExp][] = [
      [bytes.subarray(0, bytes.length - 1), /truncated/],
      [bytes.subarray(0, 2000), /m\.safetensors: .*(truncated|does not fit)/],
      [new Uint8Array(0), /0 bytes cannot be a safetensors file/],
      [Buffer.from('MThd is not a model, but long enough to be read as one'), /m\.safetensors: /],
      [encodeSafetensors({ tensors: {}, metadata: {} }), /no Etude model/],
      [() => writeCheckpoint(path, { ...checkpoint, extra: {} }), /no codec for music/],
      [() => writeCheckpoint(path, { ...checkpoint, extra: { ...extra, codec: otherCodec(extra.codec) } }), /does not fit its network/],
    ]; // prettier-ignore
    for (const [content, message] of broken) {
      if (typeof content === 'function') content();
      else writeFileSync(path, content);
      const { code, stderr } = await runEtude('generate', path, '--out', join(base, 'a.mid'));
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
      expect(stderr).toContain(path);
    }
    expect((await runEtude('generate', join(base, 'none'), '--out', join(base, 'a.mid'))).code).toBe(1);
    expect((await runEtude('generate', base, '--out', join(base, 'a.mid'))).stderr).toContain(
      'no model in this folder',
    );
    expect(existsSync(join(base, 'a.mid'))).toBe(false);
  });

  it('a primer that is no MIDI file, has no notes, or is not there, ends with 1', async () => {
    const { run, base } = await tinyRun();
    const primer = join(base, 'primer.mid');
    for (const [bytes, message] of [
      [Buffer.from('text'), /primer\.mid: /],
      [midiBytes([]), /primer\.mid: there are no notes to hear.*--primer none/],
      [undefined, /primer\.mid: .*(no such file|not there|cannot be)/],
    ] as const) {
      if (bytes) writeFileSync(primer, bytes);
      else rmSync(primer);
      const { code, stderr } = await runEtude('generate', run, '--out', join(base, 'a.mid'), '--primer', primer);
      expect(code).toBe(1);
      expect(stderr).toMatch(message);
    }
    expect(existsSync(join(base, 'a.mid'))).toBe(false);
  });

  it('no output, or two that are the same file, ends with 2', async () => {
    const { run, base } = await tinyRun();
    expect(await runEtude('generate', run)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--out') as string,
    });
    const same = ['--out', join(base, 'a'), '--wav', join(base, 'x/../a')];
    expect(await runEtude('generate', run, ...same)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('different files') as string,
    });
  });

  it('an output that is there is refused with 1, whichever it is, and replaced with --force', async () => {
    const { run, base } = await tinyRun();
    for (const flag of ['--out', '--wav', '--svg']) {
      const paths = [
        '--out',
        join(base, 'a.mid'),
        '--wav',
        join(base, 'a.wav'),
        '--svg',
        join(base, 'a.svg'),
        '--soundfont',
        'none',
      ];
      const there = paths[paths.indexOf(flag) + 1];
      writeFileSync(there, 'old');
      const before = contents(base);
      const { code, stderr } = await runEtude('generate', run, ...paths);
      expect(code).toBe(1);
      expect(stderr).toMatch(/already there.*--force/);
      expect(contents(base)).toEqual(before);
      expect((await runEtude('generate', run, ...paths, '--force', '--notes', '4')).code).toBe(0);
      expect(readFileSync(there, 'utf8')).not.toBe('old');
      for (const path of paths.filter((word) => word.startsWith(base))) rmSync(path);
    }
  });

  it('an output that cannot be written, or a full disk, ends with 1', async () => {
    const { run, base } = await tinyRun();
    writeFileSync(join(base, 'file'), 'old');
    const inFile = await runEtude('generate', run, '--out', join(base, 'file/a.mid'));
    expect(inFile).toMatchObject({ code: 1, stderr: expect.stringContaining('is a file, not a folder') as string });
    expect(await runEtude('generate', run, '--out', base)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('this is a folder') as string,
    });
    if (!existsSync('/dev/full')) return;
    const full = await runEtude('generate', run, '--out', '/dev/full');
    expect(full).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/\/dev\/full: the disk is full: \d+ bytes are needed/) as string,
    });
  });
});

function otherCodec(codec: unknown): unknown {
  return { ...(codec as object), velocity: 'number' };
}
