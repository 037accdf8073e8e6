import { quantile } from '../../music/index.ts';
import { histogram } from '../../plot/index.ts';

/** Some numbers under a name. */
export interface Group {
  name: string;
  values: readonly number[];
}

/** Pixels; the plain size of a picture unless given. */
export interface PictureSize {
  width?: number;
  height?: number;
}

/** How often which key is struck, each group in shares of its own notes. */
export function pitchHistogram(title: string, groups: readonly Group[], size: PictureSize = {}): string {
  return histogram({ title, xLabel: 'pitch (MIDI key)', groups, bins: 'integers', ...size });
}

/** Times, but for the longest fortieth, as in TensorFlow's tutorial: a few long rests would press all else together. */
export function secondsHistogram(
  title: string,
  xLabel: string,
  groups: readonly Group[],
  size: PictureSize = {},
): string {
  const all = Float64Array.from(groups.flatMap(({ values }) => values)).sort();
  const high = all.length > 0 ? quantile(all, 0.975) : 1;
  return histogram({ title, xLabel, groups, bins: 40, range: [0, high > 0 ? high : 1], ...size });
}
