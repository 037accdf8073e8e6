import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { readLine } from '../docs/commands/synopsis.ts';

const folder = resolve(import.meta.dirname, '../../examples/distributed');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** The words of a program, in the shell's and the manifests' variables a number or a name. */
const checkEtude = (line: string): void => {
  const plain = line.replace(/"\$\{SLURM_CPUS_PER_TASK:-(\d+)\}"/, '$1').replace(/\$\{?\w+(:-\d+)?\}?|\$\(\w+\)/g, 'x');
  expect(readLine(plain).command.name).toBe('worker');
};

describe('the examples of workers', () => {
  it('are a script that bash and etude understand', () => {
    expect(spawnSync('bash', ['-n', join(folder, 'workers.sh')])).toMatchObject({ status: 0 });
    const lines = read('workers.sh').split('\n');
    checkEtude(lines.find((line) => line.startsWith('exec'))!.replace('exec srun ', ''));
    const directives = lines.filter((line) => line.startsWith('#SBATCH'));
    for (const line of directives) expect(line).toMatch(/^#SBATCH --[a-z-]+(=\S+)?$/);
    // sbatch reads them up to the first command.
    const commands = lines.flatMap((line, i) => (line !== '' && !line.startsWith('#') ? [i] : []));
    expect(lines.lastIndexOf(directives.at(-1)!)).toBeLessThan(commands[0]);
  });

  it('are manifests of Kubernetes whose parts fit together', () => {
    const documents = parseAllDocuments(read('workers.yaml'), { strict: true, uniqueKeys: true });
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    interface Container { command: string[]; env: { name: string; valueFrom: object }[] } // prettier-ignore
    interface Template { metadata: { labels: object }; spec: { containers: Container[]; restartPolicy?: string; terminationGracePeriodSeconds: number } } // prettier-ignore
    interface Manifest { apiVersion: string; kind: string; spec: { selector?: { matchLabels: object }; template: Template } } // prettier-ignore
    const manifests = documents.map((document) => document.toJS() as Manifest);
    expect(manifests.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)).toEqual([
      'apps/v1 Deployment',
      'batch/v1 Job',
    ]);
    const [{ spec: deployment }, { spec: job }] = manifests;
    expect(deployment.selector?.matchLabels).toEqual(deployment.template.metadata.labels);
    expect(job.template.spec.restartPolicy).toBe('OnFailure');
    for (const { template } of [deployment, job]) {
      const [{ command, env }] = template.spec.containers;
      checkEtude(command.join(' '));
      expect(env.map(({ name }) => name)).toEqual(['POD_NAME', 'ETUDE_REDIS_URL', 'ETUDE_REDIS_PASSWORD']);
    }
  });

  it('are a unit of systemd with its sections and keys', () => {
    const sections = new Map<string, Map<string, string[]>>();
    let section = new Map<string, string[]>();
    for (const line of read('etude-worker.service').split('\n')) {
      if (line === '' || line.startsWith('#')) continue;
      const [, name] = /^\[(\w+)\]$/.exec(line) ?? [];
      if (name !== undefined) sections.set(name, (section = new Map()));
      else {
        const [, key, value] = /^([A-Z]\w+)=(\S.*)$/.exec(line) ?? [];
        expect(key, line).toBeDefined();
        section.set(key, [...(section.get(key) ?? []), value]);
      }
    }
    expect([...sections.keys()]).toEqual(['Unit', 'Service', 'Install']);
    const service = sections.get('Service')!;
    expect(service.get('ExecStart')![0]).toMatch(/^\/usr\/bin\/env etude worker/);
    checkEtude(service.get('ExecStart')![0].replace('/usr/bin/env ', ''));
    expect(sections.get('Install')!.get('WantedBy')).toEqual(['multi-user.target']);
    expect([...service.keys()]).toEqual(expect.arrayContaining(['User', 'EnvironmentFile', 'KillSignal', 'TimeoutStopSec', 'Restart'])); // prettier-ignore
  });
});
