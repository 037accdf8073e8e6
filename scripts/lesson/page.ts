import { replaceBetween } from '../../bench/pages/sections.ts';
import { lessonBlocks } from './blocks.ts';
import type { Lesson } from './lesson.ts';
import type { Measurements } from './measure.ts';
import { lessonNumbers } from './numbers.ts';
import { SNIPPETS, snippetBlock } from './snippets.ts';

/** What is made, by name: blocks between `<!-- lesson:NAME:begin -->` and `:end`, numbers between `<!--=NAME-->` and `<!--/-->`. */
export interface PageParts {
  blocks: Record<string, string>;
  numbers: Record<string, string>;
}

/** Everything in the page that is not prose. */
export function pageParts(lesson: Lesson, measured: Measurements): PageParts {
  const snippets = Object.entries(SNIPPETS).map(([name, place]) => [name, snippetBlock(lesson.root, place)] as const);
  return {
    blocks: { ...Object.fromEntries(snippets), ...lessonBlocks(lesson, measured) },
    numbers: lessonNumbers(lesson, measured),
  };
}

/**
 * The page with every part up to date.
 * @throws Error for a marker that nothing is made for, and for a part that has no marker: neither can be forgotten; and for
 * a number at the beginning of a line, where a comment would end the paragraph before it
 */
export function fillPage(page: string, { blocks, numbers }: PageParts): string {
  const [first] = /^\s*(?:[-*] |\d+\. )?<!--=.*$/m.exec(page) ?? [];
  if (first !== undefined) throw new Error(`docs/lstm.md: a line begins with a number: ${first.trim()}`);
  const marked = new Set([...page.matchAll(/<!-- lesson:([\w-]+):begin -->/g)].map(([, name]) => name));
  for (const name of marked) if (!(name in blocks)) throw new Error(`docs/lstm.md: nothing makes the block "${name}".`);
  const filled = Object.entries(blocks).reduce((text, [name, content]) => {
    const replaced = replaceBetween(text, `lesson:${name}`, content);
    if (replaced === undefined) throw new Error(`docs/lstm.md: the block "${name}" has no markers.`);
    return replaced;
  }, page);
  const used = new Set<string>();
  const result = filled.replace(/<!--=([\w-]+)-->.*?<!--\/-->/g, (_, name: string) => {
    if (!(name in numbers)) throw new Error(`docs/lstm.md: nothing makes the number "${name}".`);
    used.add(name);
    return `<!--=${name}-->${numbers[name]}<!--/-->`;
  });
  const unused = Object.keys(numbers).find((name) => !used.has(name));
  if (unused !== undefined) throw new Error(`docs/lstm.md: the number "${unused}" stands nowhere.`);
  return result;
}
