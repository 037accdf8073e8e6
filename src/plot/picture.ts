import { UsageError } from '../errors.ts';
import { element, escapeText, fitText, text } from './svg.ts';
import { classes, ROOT_CLASS, styleSheet } from './theme.ts';

/** The rectangle that the data are drawn in, in pixels of the picture. */
export interface Area {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export interface PictureOptions {
  title: string;
  /** What the picture shows, in a sentence or two, for those who cannot see it. */
  description: string;
  width: number;
  height: number;
  /** Pixels that `content` needs to the right of the title. @default 0 */
  beside?: number;
  /** Rules beside the common ones, for what only this kind of picture has. */
  styles?: readonly string[];
}

/** Distance of text from the edge. */
export const PADDING = 16;
/** The data get so many pixels at least, however long the legend. */
export const LEAST_HEIGHT = 90;
export const FONT_SIZE = 12;
const TITLE_SIZE = 16;
/** Bold letters are wider. */
const BOLD = 1.15;
/** The height of the title's line. */
export const TITLE_HEIGHT = 36;

/** Throws UsageError for a size that is not a number of pixels from 160 to 20,000 each way. */
export function checkSize(title: string, width: number, height: number): void {
  for (const size of [width, height]) {
    if (!(size >= 160 && size <= 20_000)) {
      throw new UsageError(`picture "${title}": expected 160 to 20000 pixels each way, got ${width} x ${height}.`);
    }
  }
}

/**
 * A whole SVG document around `content`: it scales with its surroundings (viewBox), carries its own style for light and
 * dark, and is announced as one image with a title and a description.
 */
export function picture(options: PictureOptions, ...content: string[]): string {
  const { title, description, width, height, beside = 0, styles = [] } = options;
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    class: ROOT_CLASS,
    role: 'img',
    'aria-label': title,
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
  };
  return element(
    'svg',
    attributes,
    element('title', {}, escapeText(title)),
    element('desc', {}, escapeText(description)),
    element('style', {}, `\n${[styleSheet(), ...styles].join('\n')}\n`),
    element('rect', { class: classes.paper, width, height }),
    text(fitText(title, TITLE_SIZE * BOLD, width - 2 * PADDING - beside), PADDING, 26, { class: classes.title }),
    ...content,
  );
}
