/**
 * As much of vitest as the suites need to run in a page: esbuild puts this file where they import `vitest`. A suite is the
 * one that runs in Node, line by line; only what collects and runs its tests is another.
 */
import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import * as chai from 'chai';

type Body = () => void | Promise<void>;

interface Suite {
  tests: { name: string; body: Body }[];
  before: Body[];
  after: Body[];
}

/** What became of a test; `error` is undefined when it passed. */
export interface Outcome {
  name: string;
  error?: string;
}

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
export const expect = chai.expect;

/** The suite that is being described, and the descriptions around what is described now. */
let suite: Suite = { tests: [], before: [], after: [] };
let path: string[] = [];

export function describe(name: string, collect: () => void): void {
  path.push(name);
  collect();
  path.pop();
}

export function it(name: string, body: Body): void {
  suite.tests.push({ name: [...path, name].join(' > '), body });
}

export function beforeAll(body: Body): void {
  suite.before.push(body);
}

export function afterAll(body: Body): void {
  suite.after.push(body);
}

/** Runs what `define` describes, its tests in order. */
export async function runSuite(define: () => void): Promise<Outcome[]> {
  suite = { tests: [], before: [], after: [] };
  path = [];
  define();
  const { tests, before, after } = suite;
  const outcomes: Outcome[] = [];
  for (const body of before) await body();
  for (const { name, body } of tests) outcomes.push({ name, error: await failureOf(body) });
  for (const body of after) await body();
  return outcomes;
}

async function failureOf(body: Body): Promise<string | undefined> {
  try {
    await body();
    return undefined;
  } catch (thrown) {
    const { message, cause } = thrown as Error;
    return cause instanceof Error ? `${message}\n${cause.message}` : message;
  }
}
