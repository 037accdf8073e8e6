import type { SamplingOptions } from '../../nn/index.ts';

/**
 * How pitches are drawn unless asked otherwise. At temperature 0.9 all figures of generated pieces lie where those of people's music
 * do; at 1 one of 48 does not (docs/presets.md).
 */
export const GENERATION_SAMPLING: SamplingOptions = { temperature: 0.9, topK: 0, topP: 1 };
