/** The study of a model on a song: see docs/study.md. */
export { openStudy, studySong, type OpenStudy } from './study.ts';
export { StudyError, type StudiedSong, type StudyRequest } from './study-request.ts';
export { dequantise, quantise, type ByteMatrix, type QuantiseOptions } from './byte-matrix.ts';
export type * from './study-data.ts';
export { CORRELATES, STUDY_FORMAT, STUDY_VERSION } from './study-data.ts';
