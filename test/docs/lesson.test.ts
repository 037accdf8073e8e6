import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cellBackward } from '../../scripts/lesson/cell-backward.ts';
import { cellForward, EXAMPLE } from '../../scripts/lesson/cell-forward.ts';
import { extractSnippet } from '../../scripts/lesson/extract.ts';
import { columns, fixed, significant, table } from '../../scripts/lesson/format.ts';
import { firstSteps } from '../../scripts/lesson/learning.ts';
import { HISTORY_FILE, loadLesson, partOf } from '../../scripts/lesson/lesson.ts';
import { songLoss, surpriseByHalf, surprises } from '../../scripts/lesson/listening.ts';
import { lessonFiles } from '../../scripts/lesson/main.ts';
import { forgetProducts, gradientByLag, halfLife, plainRnnFactor } from '../../scripts/lesson/memory.ts';
import { fillPage } from '../../scripts/lesson/page.ts';
import { historyText, LESSON_SETTINGS } from '../../scripts/lesson/train.ts';
import { SETTINGS } from '../../src/music/index.ts';
import { ParameterSet } from '../../src/nn/index.ts';
import { HeapArena, Random } from '../../src/tensor/index.ts';
import { naiveForward, zeroState } from '../support/naive-lstm.ts';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/lstm.md'), 'utf8');
const lesson = loadLesson(root);
const { spec } = lesson.model;

describe('the lesson', () => {
  it('has the snippets, numbers and pictures that the code gives', () => {
    for (const [path, text] of lessonFiles(root)) {
      const found = readFileSync(join(root, path), 'utf8');
      // Of a picture that differs nobody wants to see 90,000 characters.
      if (path.endsWith('.svg')) expect(found === text, `${path} is out of date: npm run lesson`).toBe(true);
      else expect(found, `${path} is out of date: npm run lesson`).toBe(text);
    }
  });

  it('links to files, pictures and headings that are there', () => {
    const anchors = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) =>
      title
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .replace(/\s/g, '-'),
    );
    const links = [...page.matchAll(/\]\((?!https?:)([^)]+)\)/g)].map(([, link]) => link);
    expect(links.length).toBeGreaterThan(20);
    for (const link of links) {
      const [path, anchor] = link.split('#');
      if (path !== '') expect(existsSync(join(root, 'docs', path)), link).toBe(true);
      if (anchor !== undefined && path === '') expect(anchors).toContain(anchor);
    }
  });

  it('says how its model was trained with flags that exist and the settings that did it', () => {
    const [, command] = /npx etude train data\/songbook (.+)/.exec(page)!;
    const flags = Object.fromEntries(
      [...command.matchAll(/--([\w-]+) (\S+)/g)].map(([, flag, value]) => [flag, value]),
    );
    for (const [key, value] of Object.entries(LESSON_SETTINGS)) {
      const { flag } = SETTINGS.find((setting) => setting.key === key)!;
      expect(flags[flag], flag).toBe(String(value));
    }
    expect(lesson.model.settings).toMatchObject(LESSON_SETTINGS);
    expect(lesson.model.preset).toBe(flags.preset);
  });

  it('keeps its history as training writes it', () => {
    expect(historyText(lesson.history)).toBe(readFileSync(join(root, HISTORY_FILE), 'utf8'));
  });
});

describe('the cell computed by hand', () => {
  const forward = cellForward(lesson);

  it('is what a textbook LSTM over plain arrays comes to', () => {
    const parameters = new ParameterSet(new HeapArena('float64'), spec);
    parameters.fromArrays(lesson.model.parameters);
    const state = zeroState(spec);
    const steps = EXAMPLE.step + 1;
    const { categories, features } = partOf(lesson, 0, steps);
    naiveForward(spec, parameters, { size: 1, steps, categories, features }, 0, state);
    expect(forward.c).toBeCloseTo(state.c[0][EXAMPLE.unit], 10);
    expect(forward.h).toBeCloseTo(state.h[0][EXAMPLE.unit], 10);
  });

  it('adds up: terms to pre-activations, gates to the state, the state to the output', () => {
    for (const { gate, bias, pitch, features, recurrent, z, activation } of forward.gates) {
      expect(bias + pitch + features[0] + features[1] + recurrent).toBeCloseTo(z, 10);
      expect(activation).toBeCloseTo(gate === 'g' ? Math.tanh(z) : 1 / (1 + Math.exp(-z)), 10);
    }
    const [i, f, g, o] = forward.gates.map(({ activation }) => activation);
    expect(f * forward.cPrev + i * g).toBeCloseTo(forward.c, 10);
    expect(o * Math.tanh(forward.c)).toBeCloseTo(forward.h, 10);
  });

  it('has derivatives that nudging confirms', () => {
    const { checks, dc, dcLater } = cellBackward(lesson);
    expect(checks).toHaveLength(8);
    for (const { what, chain, differences } of checks) {
      expect(Math.abs(chain - differences), what).toBeLessThanOrEqual(1e-6 * Math.abs(chain));
      expect(Math.abs(chain), what).toBeGreaterThan(1e-4);
    }
    expect(dc).not.toBe(dcLater);
  });
});

describe('the memory of the lesson', () => {
  it('is halved after the half-life', () => {
    for (const f of [0.5, 0.9, 0.99]) expect(f ** halfLife(f)).toBeCloseTo(0.5, 10);
  });

  it('has the plain RNN factor that random pre-activations have', () => {
    const random = Random.stream(1, 'init');
    let sum = 0;
    const draws = 200_000;
    for (let k = 0; k < draws; k++) sum += (1 - Math.tanh(random.normal()) ** 2) ** 2;
    expect(plainRnnFactor()).toBeCloseTo(Math.sqrt(sum / draws), 2);
  });

  it('sees the gradient fall, and more slowly than that of a plain RNN', () => {
    const { dh, dc } = gradientByLag(lesson);
    expect([dh[0], dc![0]]).toEqual([1, 1]);
    expect(dc![40]).toBeLessThan(dc![5]);
    expect(dh[40]).toBeGreaterThan(1000 * plainRnnFactor() ** 40);
  });

  it('multiplies forget gates', () => {
    const products = forgetProducts(lesson, 19);
    expect(products[0]).toBe(1);
    products.forEach((product, lag) => { expect(product).toBeLessThanOrEqual(products[Math.max(0, lag - 1)]); }); // prettier-ignore
  });
});

describe('the numbers about the song', () => {
  it('judge every note but the first, and each note by all heads', () => {
    const [all, ...heads] = [undefined, 'pitch', 'step', 'duration'].map((head) => surprises(lesson, head));
    expect(all[0]).toBeNaN();
    expect(all).toHaveLength(lesson.notes.length);
    for (const note of [1, 20, 548]) {
      expect(all[note]).toBeCloseTo(heads[0][note] + heads[1][note] + heads[2][note], 10);
    }
    expect(songLoss(lesson)).toBeGreaterThan(surprises(lesson, 'pitch')[9] / 100);
  });

  it('are right that the second half of a bar repeats the first, and that it is hardly cheaper', () => {
    const { pitch } = lesson.notes;
    for (let note = 0; note < 32 * 16; note++) if (note % 16 >= 8) expect(pitch[note]).toBe(pitch[note - 8]);
    const { first, second } = surpriseByHalf(lesson);
    expect(first - second).toBeGreaterThan(0);
    expect(first - second).toBeLessThan(0.3);
  });

  it('are right that the first step of Adam is the learning rate', () => {
    const [step] = firstSteps(lesson, 1);
    expect(Math.abs(step.move)).toBeCloseTo(lesson.model.settings.learningRate, 4);
    expect(step.norm * step.factor).toBeCloseTo(1, 6);
  });
});

describe('extractSnippet', () => {
  const place = { file: 'src/tensor/reference/lstm-cell.ts', symbol: 'sigmoid' };

  it('takes a declaration without its comment, and says where it stands', () => {
    const { code, firstLine, lastLine } = extractSnippet(root, place);
    expect(code).toBe('export function sigmoid(z: number): number {\n  return 1 / (1 + Math.exp(-z));\n}');
    const lines = readFileSync(join(root, place.file), 'utf8').split('\n');
    expect(lines.slice(firstLine - 1, lastLine).join('\n')).toBe(code);
  });

  it('takes a method, private ones too, unindented', () => {
    const { code } = extractSnippet(root, { file: 'src/nn/heads.ts', symbol: 'Head.#backwardFrom' });
    expect(code).toMatch(/^#backwardFrom\(dOut: Tensor\): void \{\n {2}const[^]*\n\}$/);
  });

  it('takes some lines', () => {
    expect(extractSnippet(root, { ...place, from: 'return', to: 'return' }).code).toBe(
      'return 1 / (1 + Math.exp(-z));',
    );
  });

  it('says what it does not find', () => {
    expect(() => extractSnippet(root, { ...place, symbol: 'sigmoyd' })).toThrow(/lstm-cell\.ts: there is no sigmoyd/);
    expect(() => extractSnippet(root, { file: 'src/nn/cells/lstm.ts', symbol: 'LstmLayer.fly' })).toThrow(
      /no LstmLayer\.fly/,
    );
    expect(() => extractSnippet(root, { ...place, from: 'sinh' })).toThrow(/sigmoid has no line with "sinh"/);
  });
});

describe('fillPage', () => {
  const text = 'a <!-- lesson:x:begin --> old <!-- lesson:x:end --> b <!--=n-->1<!--/--> c';

  it('replaces blocks and numbers, and nothing else', () => {
    const filled = fillPage(text, { blocks: { x: 'new' }, numbers: { n: '2' } });
    expect(filled).toBe('a <!-- lesson:x:begin -->\n\nnew\n\n<!-- lesson:x:end --> b <!--=n-->2<!--/--> c');
    expect(fillPage(filled, { blocks: { x: 'new' }, numbers: { n: '2' } })).toBe(filled);
  });

  it('refuses markers without a part, and parts without a marker', () => {
    expect(() => fillPage(text, { blocks: {}, numbers: { n: '2' } })).toThrow(/nothing makes the block "x"/);
    expect(() => fillPage(text, { blocks: { x: '' }, numbers: {} })).toThrow(/nothing makes the number "n"/);
    expect(() => fillPage(text, { blocks: { x: '', y: '' }, numbers: { n: '' } })).toThrow(/"y" has no markers/);
    expect(() => fillPage(text, { blocks: { x: '' }, numbers: { n: '', m: '' } })).toThrow(/"m" stands nowhere/);
  });

  it('refuses a number at the beginning of a line, where Markdown would begin a block of HTML', () => {
    for (const start of ['', '- ', '  ', '2. ']) {
      expect(() => fillPage(`a\n${start}<!--=n-->1<!--/--> b`, { blocks: {}, numbers: { n: '2' } })).toThrow(
        /a line begins/,
      );
    }
  });
});

describe('how the lesson writes numbers', () => {
  it('has as many digits as asked for, and no minus before nothing', () => {
    expect([fixed(-0.0001, 2), fixed(-1.005, 1)]).toEqual(['0.00', '-1.0']);
    expect([0.012_345, 12.345, 0, 2.2e-11, 0.5].map((value) => significant(value, 3))).toEqual([
      '0.0123',
      '12.3',
      '0',
      '2.20e-11',
      '0.500',
    ]);
  });

  it('lays out columns and tables', () => {
    expect(columns([['a', 'bb'], ['ccc', 'd']])).toBe('a    bb\nccc   d'); // prettier-ignore
    expect(table(['x', 'y'], [['1', '2']])).toBe('| x | y |\n|---|---:|\n| 1 | 2 |');
  });
});
