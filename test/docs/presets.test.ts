import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/music/presets.ts';
import { SETTINGS } from '../../src/music/settings.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(`${root}/docs/presets.md`, 'utf8');

/** The cells of the table rows under some text. */
function rowsUnder(text: string): string[][] {
  const lines = page.slice(page.indexOf(text)).split('\n');
  const rows = lines.filter((line) => line.startsWith('| ')).map((line) => line.split('|').slice(1, -1));
  return rows.map((cells) => cells.map((cell) => cell.trim()));
}

interface Curve {
  preset: string;
  epochs: { step: number; pitch: number; validationLoss: number; validationPitch: number }[];
}

describe('docs/presets.md', () => {
  const rows = rowsUnder('## Every setting').slice(1);

  it('has every setting, in the order of the help', () => {
    expect(rows.map(([flag]) => flag)).toEqual(SETTINGS.map(({ flag }) => `\`--${flag}\``));
  });

  it.each(SETTINGS)('gives --$flag the values that the presets have, and a reason', ({ key, flag }) => {
    const shown = (preset: keyof typeof PRESETS): string => `\`${String(PRESETS[preset][key])}\``;
    // Where they are like quick, nothing is said.
    const differing = (preset: keyof typeof PRESETS): string =>
      PRESETS[preset][key] === PRESETS.quick[key] ? '' : shown(preset);
    const [, tutorial, quick, performance, songbook, why] = rows.find(([name]) => name === `\`--${flag}\``)!;
    expect({ tutorial, quick, performance, songbook }).toEqual({
      tutorial: shown('tutorial'),
      quick: shown('quick'),
      performance: differing('performance'),
      songbook: differing('songbook'),
    });
    expect(why).not.toBe('');
  });

  it('gives the rules of auto as they are', () => {
    const words = page.replace(/\s+/g, ' ');
    const { epochs, stepsPerEpoch } = PRESETS.songbook;
    expect(words).toContain(
      `the ${(epochs! * stepsPerEpoch!).toLocaleString('en-US')} steps that \`songbook\` is meant for`,
    );
    expect(words).toContain(`at most ${PRESETS.songbook.seqLength} notes`);
  });

  it('has the figures of the runs that are kept', () => {
    const kept = (name: string): unknown => JSON.parse(readFileSync(`${root}/bench/results/${name}`, 'utf8'));
    const { runs } = kept('learning.json') as { runs: Curve[] };
    const columns = runs.map(({ epochs }) => {
      const best = epochs.reduce((least, epoch) => (epoch.validationPitch < least.validationPitch ? epoch : least));
      const last = epochs.at(-1)!;
      const looks = [epochs[0], best, last].map(
        ({ validationPitch, step }) => `${validationPitch.toFixed(3)} after ${step.toLocaleString('en-US')} steps`,
      );
      return [...looks, last.pitch.toFixed(3)];
    });
    const shown = rowsUnder('<!-- presets:measured:begin -->').slice(1, 5);
    expect(runs.map(({ preset }) => preset)).toEqual(['tutorial', 'quick']);
    expect(shown.map(([, ...cells]) => cells)).toEqual(columns[0].map((cell, row) => [cell, columns[1][row]]));
    const { epochs } = kept('tutorial.json') as Curve;
    const best = epochs.toSorted((a, b) => a.validationLoss - b.validationLoss)[0];
    const words = page.replace(/\s+/g, ' ');
    expect(words).toContain(`falls from ${epochs[0].validationLoss.toFixed(3)} after the first epoch (${epochs[0].step} steps) to ${best.validationLoss.toFixed(3)} after the sixth`); // prettier-ignore
    expect(words).toContain(
      `after ${epochs.length} epochs. Its pitches there, ${best.validationPitch.toFixed(2)} nats`,
    );
    expect(epochs.indexOf(best)).toBe(5);
  });

  it('has the figures of performance as they were measured', () => {
    const kept = (name: string): unknown =>
      JSON.parse(readFileSync(`${root}/bench/results/music/${name}.json`, 'utf8'));
    const row = (nats: Map<string, number>): string[] => {
      const [step, pitch, duration, velocity] = ['step', 'pitch', 'duration', 'velocity'].map((name) => nats.get(name));
      return [step, pitch, duration, velocity, step! + pitch! + duration!].map((value) => value?.toFixed(3) ?? '–');
    };
    const windows = (name: string): string[] => {
      const { heads } = kept(name) as { heads: { name: string; loss: number }[] };
      return row(new Map(heads.map(({ name, loss }) => [name, loss])));
    };
    const pieces = (name: string): string[] => {
      const { whole } = kept(name) as { whole: { heads: { name: string; memory: number }[] } };
      return row(new Map(whole.heads.map(({ name, memory }) => [name, memory])));
    };
    const shown = rowsUnder('<!-- presets:performance:begin -->').slice(1, 6).map(([, ...cells]) => cells); // prettier-ignore
    expect(shown).toEqual([
      windows('quick-windows'),
      windows('performance-15-windows'),
      windows('performance-60-windows'),
      pieces('performance-15-pieces'),
      pieces('performance-60-pieces'),
    ]);
    interface Generated { compared: number; inside: number; outside: number; struckWhileHeld: number; figures: { name: string; reference: { median: number }; pieces: { median: number } }[] } // prettier-ignore
    const drawn = (name: string) => {
      const { generated } = kept(name) as { generated: Generated };
      expect(generated).toMatchObject({ compared: 48, inside: 48, struckWhileHeld: 0 });
      const { reference, pieces } = generated.figures.find((figure) => figure.name === 'localPulse')!;
      return {
        outside: `${(100 * generated.outside).toFixed(0)} %`,
        pulse: pieces.median.toFixed(2),
        human: reference.median.toFixed(2),
      };
    };
    const usual = drawn('performance-default');
    const [cooler, coolest] = [drawn('performance-default-step-0.8'), drawn('performance-default-step-0.7')];
    const said = page.replace(/\s+/g, ' ');
    expect(said).toContain(`on average ${usual.outside} of the pieces`);
    expect(said).toContain(
      `The median local pulse, ${usual.pulse}, is weaker than in human music, where it is ${usual.human}`,
    );
    expect(said).toContain(`to ${cooler.pulse} with \`--step-temperature 0.8\` and ${coolest.pulse} with \`0.7\``);
    expect(said).toContain(`${cooler.outside} and ${coolest.outside} of the pieces fall outside`);
    const onGrid = (name: string): string =>
      (kept(name) as { whole: { note: { memory: { onGrid: number } } } }).whole.note.memory.onGrid.toFixed(2);
    const words = page.replace(/\s+/g, ' ');
    expect(words).toContain(
      `cost the 15-minute model ${onGrid('performance-15-grid')} nats per note with its memory, counted exactly`,
    );
    expect(words).toContain(`and ${onGrid('performance-15-pieces')} by the quick formula`);
    expect(words).toContain(`cost the 60-minute model ${onGrid('performance-60-pieces')}.`);
  });

  it('agrees with what the README says of performance', () => {
    interface Head {
      name: string;
      loss: number;
      baseline: number;
    }
    const kept = (name: string): { heads: Head[]; whole: { heads: { name: string; memory: number }[] } } =>
      JSON.parse(readFileSync(`${root}/bench/results/music/${name}.json`, 'utf8')) as never;
    const pitch = (name: string): Head => kept(name).heads.find((head) => head.name === 'pitch')!;
    const readme = readFileSync(`${root}/README.md`, 'utf8').replace(/\s+/g, ' ');
    const windows = pitch('performance-15-windows');
    const whole = kept('performance-15-pieces').whole.heads.find(({ name }) => name === 'pitch')!;
    expect(readme).toContain(
      `at ${windows.loss.toFixed(2)} nats from 64 notes, and at ${whole.memory.toFixed(2)} with its memory`,
    );
    expect(readme).toContain(`\`quick\` reaches ${pitch('quick-windows').loss.toFixed(2)}`);
    expect(readme).toContain(`(how often each key is struck) ${windows.baseline.toFixed(2)}`);
  });

  it('has the figures of the songbook as they were measured', () => {
    interface Run {
      heads: { name: string; loss: number; baseline: number }[];
    }
    interface Figure {
      name: string;
      inside: boolean | null;
      reference: Record<string, number>;
      pieces: { median: number };
    }
    const { before, now, generated } = JSON.parse(
      readFileSync(`${root}/bench/results/music/songbook.json`, 'utf8'),
    ) as {
      before: Run[];
      now: Run[];
      generated: { compared: number; inside: number; figures: Figure[] };
    };
    const means = (runs: Run[], of: 'loss' | 'baseline'): string[] =>
      ['step', 'pitch', 'duration'].map((name) => {
        const values = runs.map(({ heads }) => heads.find((head) => head.name === name)![of]);
        return (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(3);
      });
    const shown = rowsUnder('<!-- presets:songbook:begin -->')
      .slice(1, 4)
      .map(([, ...cells]) => cells);
    expect(shown).toEqual([means(before, 'loss'), means(now, 'loss'), means(now, 'baseline')]);
    const figures = rowsUnder('<!-- presets:songbook-music:begin -->').slice(1, 7);
    for (const [name, ...cells] of figures) {
      const { reference, pieces } = generated.figures.find((figure) => figure.name === name)!;
      const values = [reference.p5, reference.median, reference.p95, pieces.median];
      expect(cells).toEqual(values.map((value, k) => value.toFixed(cells[k].split('.')[1].length)));
      expect(pieces.median).toBeGreaterThanOrEqual(reference.p5);
      expect(pieces.median).toBeLessThanOrEqual(reference.p95);
    }
    const outside = generated.figures.filter(({ inside }) => inside === false).map(({ name }) => `\`${name}\``);
    const words = page.replace(/\s+/g, ' ');
    expect(words).toContain(`The medians of ${generated.inside} of the ${generated.compared} metrics lie in range.`);
    expect(words).toContain(`The exception is ${outside.join(', ')}:`);
  });
});
