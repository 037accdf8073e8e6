/** Where `etude studio MODEL` hands out the model. */
export const MODEL_ADDRESS = 'model.safetensors';
