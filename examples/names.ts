/**
 * Tells in which of six languages the name of a country is written, letter by letter: a classifier of sequences of different
 * lengths. Of the names of countries that it has never seen in any language it tells 67 % (by chance it would be 17 %).
 *
 *     npm run example:names -- Islandia Tyskland
 */
import { readFileSync } from 'node:fs';
import { fit } from 'etude-lstm';

const [[, ...languages], ...rows] = readFileSync('examples/data/countries.csv', 'utf8').trim().split('\n').map((line) => line.split(',')); // prettier-ignore

/** Every fifth country is kept for the test, in all languages: its names resemble each other. */
const pairsOf = (isTested: boolean): { name: string; language: string }[] =>
  rows.flatMap(([, ...names], index) => {
    if ((index % 5 === 0) !== isTested) return [];
    // Written alike in several languages, a name has no right answer.
    const own = names.map((name) => names.filter((other) => other === name).length === 1);
    return names.flatMap((name, k) => (own[k] ? { name, language: languages[k] } : []));
  });
const [known, tested] = [pairsOf(false), pairsOf(true)];
const model = await fit({
  sequences: known.map(({ name }) => name),
  answers: known.map(({ language }) => language),
  units: 48,
  dropout: 0.3,
  onEpoch: ({ epoch, loss, validation }) => console.log(`epoch ${epoch}: ${loss.toFixed(3)} nats, held out ${validation!.toFixed(3)}`), // prettier-ignore
});

// A letter that was never trained on could not be read.
const letters = new Set(known.flatMap(({ name }) => [...name]));
const readable = ({ name }: { name: string }): boolean => [...name].every((letter) => letters.has(letter));
const asked = tested.filter(readable);
const { accuracy } = model.evaluate(asked.map(({ name }) => name), asked.map(({ language }) => language)); // prettier-ignore
console.log(
  `\n${asked.length} names of countries that were not trained on: ${(100 * accuracy!).toFixed(1)} % are right`,
);
const words = process.argv.slice(2);
for (const name of words.length > 0 ? words : ['Norjan saari', 'République du lac', 'Neues Land', 'Isla de la luna']) {
  const [{ probabilities }] = model.predict(name);
  const likely = model.classes.map((language, k) => ({ language, share: probabilities![k] })).sort((a, b) => b.share - a.share); // prettier-ignore
  console.log(`${name}: ${likely.slice(0, 2).map(({ language, share }) => `${language} ${(100 * share).toFixed(0)} %`).join(', ')}`); // prettier-ignore
}
