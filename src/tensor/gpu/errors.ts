import { EtudeError, UsageError } from '../../errors.ts';

/** A mode of gpu.js that cannot run here: a package or a GPU is missing. The message is a clause that says which. */
export class GpuUnavailableError extends UsageError {
  override name = 'GpuUnavailableError';
}

/** gpu.js ran something else than what was asked for. */
export class GpuFallbackError extends EtudeError {
  override name = 'GpuFallbackError';
}

/** A model or a batch that the device cannot hold. */
export class GpuLimitError extends EtudeError {
  override name = 'GpuLimitError';
}
