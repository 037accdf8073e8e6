export { histogram, type HistogramGroup, type HistogramOptions } from './histogram.ts';
export { lineChart, type LineChartOptions, type Mark, type Series } from './line-chart.ts';
export { parallelCoordinates, type ParallelAxis, type ParallelOptions } from './parallel.ts';
export { MAX_NOTES, MAX_TITLED_NOTES, pianoRoll, type PianoRollOptions, type RollNote } from './piano-roll.ts';
export { timeline, type Panel, type TimelineOptions } from './timeline.ts';
