/**
 * The scalings of note features, each beside its inverse. Nothing outside this folder multiplies a pitch, a time or a
 * velocity by a constant.
 */

/** Classes of pitch, and what pitch and velocity are divided by when they are one number, as in TensorFlow's tutorial. */
export const PITCHES = 128;
const VELOCITIES = 128;

/** Brings logarithms of times between 1 ms and 10 s to about -2 .. 0.7, the size that the other features have. */
const LOG_SCALE = 0.3;
/** Shorter times are taken for this one: the logarithm of a chord's step of 0 has no end. */
const FLOOR_SECONDS = 0.001;
/** An untrained or diverged network must not ask for more seconds than a MIDI file can hold. */
const MAX_SECONDS = 3600;

export function scalePitch(pitch: number): number {
  return pitch / PITCHES;
}

/** Seconds to the logarithmic feature, 0.3 log(max(seconds, 1 ms)). */
export function scaleLog(seconds: number): number {
  return LOG_SCALE * Math.log(Math.max(seconds, FLOOR_SECONDS));
}

/** The logarithmic feature back to seconds, from 1 ms for whatever was at or below the floor to one hour. */
export function unscaleLog(feature: number): number {
  return clampSeconds(Math.max(FLOOR_SECONDS, Math.exp(feature / LOG_SCALE)));
}

/** Seconds that a scalar head may have put below 0, or beyond an hour, brought back. */
export function clampSeconds(seconds: number): number {
  return Math.min(MAX_SECONDS, Math.max(0, seconds));
}

export function scaleVelocity(velocity: number): number {
  return velocity / VELOCITIES;
}

/** The nearest velocity that sounds, 1 to 127. */
export function unscaleVelocity(feature: number): number {
  return Math.min(127, Math.max(1, Math.round(feature * VELOCITIES)));
}

/** Loudness in classes of four, narrower than what a listener tells apart. */
export const VELOCITY_CLASSES = 32;

export function velocityClass(velocity: number): number {
  return velocity >> 2;
}

/** The velocities of a class, both included; 0 sounds not. */
export function velocitiesOfClass(index: number): [lowest: number, highest: number] {
  return [Math.max(1, 4 * index), 4 * index + 3];
}

/** The middle of a class, rounded up: 2, 6, .. 126, which all sound. */
export function velocityOfClass(index: number): number {
  return 4 * index + 2;
}
