import { FONT_SIZE, PADDING } from './picture.ts';
import { element, fitText, text, textWidth } from './svg.ts';
import { classes } from './theme.ts';

const ROW_HEIGHT = 20;
const SAMPLE_WIDTH = 22;
const GAP = 18;

export interface LegendEntry {
  name: string;
  /** Draws what the name stands for into a box of 22 pixels from (x, y - 4), y being the middle of the line. */
  sample: (x: number, y: number) => string;
}

/** Names with samples beside them, in as many rows as `width` asks for, from `top` downwards; and how high that is. */
export function legend(
  entries: readonly LegendEntry[],
  top: number,
  width: number,
): { markup: string; height: number } {
  if (entries.length === 0) return { markup: '', height: 0 };
  const room = width - 2 * PADDING;
  const parts: string[] = [];
  let [x, row] = [0, 0];
  for (const { name, sample } of entries) {
    const shown = fitText(name, FONT_SIZE, room - SAMPLE_WIDTH - 6);
    const taken = SAMPLE_WIDTH + 6 + textWidth(shown, FONT_SIZE) + GAP;
    if (x > 0 && x + taken - GAP > room) [x, row] = [0, row + 1];
    const middle = top + row * ROW_HEIGHT + ROW_HEIGHT / 2;
    parts.push(sample(PADDING + x, middle), text(shown, PADDING + x + SAMPLE_WIDTH + 6, middle + 4));
    x += taken;
  }
  return { markup: element('g', { class: classes.legend }, ...parts), height: (row + 1) * ROW_HEIGHT + 6 };
}
