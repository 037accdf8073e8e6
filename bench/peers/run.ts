// Races Etude against other frameworks: npm run bench:peers -- [train] [large] [stateful] [window] [options]; see README.md.
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { EtudeError, UsageError } from '../../src/errors.ts';
import { runMain } from '../run-main.ts';
import { digits } from '../../src/text/numbers.ts';
import { formatTable, type Column } from '../../src/text/table.ts';
import { watchLoad } from '../machine.ts';
import { measuredNode, type MeasuredNode } from '../nodes.ts';
import { formatResult, resultFile } from '../results.ts';
import { ownNames, race, type PeerRow } from './race.ts';
import { peersOn, TASKS, TASK_WORDS, type Task } from './tasks.ts';
import { findTorch, torchInWords, type TorchSettings } from './torch-settings.ts';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '1' },
      nodes: { type: 'string', default: 'own' },
      only: { type: 'string' },
      slow: { type: 'boolean' },
      out: { type: 'string' },
    },
  });
  const unknown = positionals.find((word) => !TASKS.includes(word as Task));
  if (unknown !== undefined)
    throw new UsageError(`peers: there is no task "${unknown}"; there are ${TASKS.join(', ')}.`);
  const tasks = TASKS.filter((task) => positionals.length === 0 || positionals.includes(task));
  const [rounds, seconds] = [numberOf('rounds', values.rounds), numberOf('seconds', values.seconds)];
  const nodes: MeasuredNode[] = [];
  for (const line of values.nodes.split(',')) nodes.push(await measuredNode(line));
  const peers = peersOn(nodes, availableParallelism());
  const hasTorch = peers.some(({ command, name }) => command === 'python' && name.includes(values.only ?? ''));
  const torch = hasTorch ? await foundTorch() : undefined;
  const load = watchLoad();
  const rows: PeerRow[] = [];
  let childSeconds = 0;
  for (const task of tasks) {
    const { only, slow } = values;
    const result = await race({ task, nodes, torch, rounds, seconds, only, slow, say: (line) => console.error(line) });
    rows.push(...result.rows);
    childSeconds += result.childSeconds;
    console.log(`\n${tableOf(task, result.rows)}\n`);
    for (const line of result.missing) console.error(line);
  }
  const result = resultFile('peers', rows, load(childSeconds), torch && { torch });
  console.error(
    `${result.machine.cpu}, Node ${result.machine.node}; others used ${result.load.others ?? 'unknown'} cores`,
  );
  if (values.out !== undefined) writeFileSync(values.out, formatResult(result));
}

/** PyTorch as it runs best here; undefined, and why, where there is none. */
async function foundTorch(): Promise<TorchSettings | undefined> {
  try {
    const torch = await findTorch();
    console.error(torchInWords(torch));
    return torch;
  } catch (thrown) {
    if (!(thrown instanceof EtudeError)) throw thrown;
    console.error(thrown.message);
    return undefined;
  }
}

function numberOf(name: string, given: string): number {
  const value = Number(given);
  if (given !== '' && value >= 0) return value;
  throw new UsageError(`--${name}: expected a number, got "${given}".`);
}

/** Times of all rounds, and our time by each peer's. */
function tableOf(task: Task, rows: readonly PeerRow[]): string {
  const ours = ownNames(rows);
  const right = (title: string): Column => ({ title, align: 'right' });
  const columns = [{ title: TASK_WORDS[task] }, right('ms'), right('10 %'), right('rounds'), right('off by'), ...ours.map((name) => right(`${name} by it`))]; // prettier-ignore
  const cells = rows.map(({ peer, medianMs, p10Ms, rounds, difference, ratios }) => [
    peer,
    digits(medianMs),
    digits(p10Ms),
    `${digits(Math.min(...rounds))} - ${digits(Math.max(...rounds))}`,
    difference?.toExponential(0) ?? 'other work',
    ...ours.map((name) => [ratios[name].min, ratios[name].median, ratios[name].max].map(digits).join(' / ')),
  ]);
  return formatTable(columns, cells);
}

await runMain(main);
