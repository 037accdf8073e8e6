/**
 * A loss of one's own: forecasts how many lynx are trapped in a year, which is between 39 and 6,991, by what the forecast is off
 * relative to it. In the last 24 years, which are not trained on, the model is off by a factor of 1.42; the number of the
 * year before is off by 1.76.
 *
 *     npm run example:own-loss
 */
import { readFileSync } from 'node:fs';
import { fit } from 'etude-lstm';
import { checkGradients, meanAbsoluteError, type Loss } from 'etude-lstm/nn';

/** An exponential distribution: log µ + y / µ, less its derivative to log µ, which is the output. A peak weighs no more than a trough. */
const exponential: Loss = {
  outputs: 1,
  targets: 1,
  row([logMean], [actual], gradient) {
    const relative = actual * Math.exp(-logMean);
    gradient[0] = 1 - relative;
    return logMean + relative;
  },
  predict(values) {
    values[0] = Math.exp(values[0]);
  },
};

// Derivatives are easily wrong: here each is compared with numeric differences, through the whole network.
const rows = checkGradients(
  {
    inputs: { categories: [], features: ['x'] },
    lstm: { layers: 1, hiddenSize: 4, dropout: 0 },
    heads: [{ name: 'y', kind: 'numbers', size: 1, loss: { kind: 'own', name: 'exponential', outputs: 1 }, lossWeight: 1 }], // prettier-ignore
    lossOn: 'all',
  },
  { batchSize: 2, steps: 3, seed: 1, samples: 20, losses: { exponential } },
);
console.log(`gradients are off by at most ${Math.max(...rows.map(({ error }) => error)).toExponential(0)}`);

const YEARS_TESTED = 24;
// In thousands: numbers are given to a loss of one's own as they are, and so its outputs begin near what they should be.
const lynx = readFileSync('examples/data/lynx.csv', 'utf8').trim().split('\n').slice(1).map((line) => Number(line.split(',')[1]) / 1000); // prettier-ignore
// Each year reads the logarithm of what was trapped, and answers for the next.
const [read, answers] = [lynx.slice(0, -1).map(Math.log), lynx.slice(1)];
const known = read.length - YEARS_TESTED;
const model = await fit({
  sequences: read.slice(0, known),
  answers: answers.slice(0, known),
  loss: exponential,
  epochs: 200,
  patience: 40,
});
const forecast = model.predictSteps(read)[0].map(({ value }) => value);
const logs = (values: number[]): number[] => values.slice(-YEARS_TESTED).map(Math.log);
const factor = (values: number[]): string => Math.exp(meanAbsoluteError(logs(answers), logs(values))).toFixed(2);
console.log(`model: off by a factor of ${factor(forecast)}`);
console.log(`as the year before: off by a factor of ${factor(lynx.slice(0, -1))}`);
