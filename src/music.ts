/**
 * What `etude-lstm/music` offers: where network and music meet, and the study of a model on a song, which stands on that.
 *
 * @module etude-lstm/music
 */
export * from './music/index.ts';
export * from './study/index.ts';
