import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lessonFigures } from './figures.ts';
import { cellFile, HISTORY_FILE, loadLesson, MODEL_FILE, OTHER_CELLS } from './lesson.ts';
import { measure } from './measure.ts';
import { fillPage, pageParts } from './page.ts';
import { historyText, trainLessonModel } from './train.ts';

/** The page that the lesson is. */
export const PAGE = 'docs/lstm.md';

/** Every file of the lesson as it should be, by its path from the root. */
export function lessonFiles(root: string): Map<string, string> {
  const lesson = loadLesson(root);
  const measured = measure(lesson);
  const page = fillPage(readFileSync(join(root, PAGE), 'utf8'), pageParts(lesson, measured));
  const figures = Object.entries(lessonFigures(lesson, measured)).map(
    ([name, svg]) => [`docs/images/${name}`, svg] as const,
  );
  return new Map([[PAGE, page], ...figures]);
}

/**
 * The command line: brings the lesson up to date.
 * @returns the exit code: 1 when --check found something out of date
 */
export async function main(root: string, options: readonly string[]): Promise<number> {
  const unknown = options.find((option) => !['--check', '--train'].includes(option));
  if (unknown !== undefined) {
    console.error(`lesson: there is no ${unknown}; there are --check and --train.`);
    return 2;
  }
  if (options.includes('--train')) await train(root);
  const check = options.includes('--check');
  const stale = [...lessonFiles(root)].filter(([path, text]) => {
    const file = join(root, path);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  for (const [path, text] of stale) {
    console.log(`${path} ${check ? 'is out of date: npm run lesson' : 'written'}`);
    if (!check) writeFileSync(join(root, path), text);
  }
  if (stale.length === 0) console.log('The lesson is up to date.');
  return check && stale.length > 0 ? 1 : 0;
}

async function train(root: string): Promise<void> {
  const { bytes, history } = await trainLessonModel(root, ({ epoch, step, loss }) => {
    console.log(`epoch ${epoch}, step ${step}: ${loss.toFixed(4)}`);
  });
  writeFileSync(join(root, MODEL_FILE), bytes);
  writeFileSync(join(root, HISTORY_FILE), historyText(history));
  for (const cell of OTHER_CELLS) {
    console.log(`the same of the cell ${cell}`);
    writeFileSync(join(root, cellFile(cell)), (await trainLessonModel(root, undefined, cell)).bytes);
  }
}
