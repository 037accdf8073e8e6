import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useBuiltEtude } from '../../cli/build-etude.ts';
import { startEtude } from '../../cli/etude-process.ts';
import { temporaryFolder } from '../../cli/temporary-folder.ts';
import { folderWithMusic } from '../../cli/tiny-music.ts';
import { linesOf, writeSpace } from '../../cli/sweep/sweeps.ts';
import { freePort, noRedis, ownRedis } from '../../support/redis.ts';
import { RoundsRun } from './rounds-run.ts';
import { startWorker } from './start-worker.ts';

const etude = useBuiltEtude();
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const missing = noRedis ?? (hasOpenssl ? undefined : 'there is no openssl to make a certificate with');

/** A certificate for 127.0.0.1 that nobody but this test knows. */
function certificate(): { cert: string; key: string } {
  const folder = temporaryFolder();
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(folder, name));
  const words = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=etude-test', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert]; // prettier-ignore
  const { status, stderr } = spawnSync('openssl', words, { encoding: 'utf8' });
  expect(status, stderr).toBe(0);
  return { cert, key };
}

/** A Redis that speaks TLS, and the words before a command that knows its certificate. */
async function redisWithTls() {
  const { cert, key } = certificate();
  const port = await freePort();
  const redis = await ownRedis('--tls-port', String(port), '--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert, '--tls-auth-clients', 'no'); // prettier-ignore
  const knowing = ['env', `NODE_EXTRA_CA_CERTS=${cert}`, process.execPath, etude];
  return { redis, url: `rediss://127.0.0.1:${port}`, knowing };
}

describe.skipIf(missing)(`rediss://${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  it('carries a sweep, and a run on two machines', async () => {
    const { url, knowing } = await redisWithTls();
    for (const name of ['one', 'two']) startWorker(knowing, url, name);
    const { base, music } = folderWithMusic();
    const small = ['--preset', 'quick', '--hidden-size', '8', '--seq-length', '6', '--batch-size', '8', '--bins', '6', '--epochs', '3', '--steps-per-epoch', '4']; // prettier-ignore
    const out = join(base, 'sweep');
    const sweep = startEtude(knowing, ['sweep', music, '--space', writeSpace(base), '--runs', '3', ...small, '--out', out, '--redis', url]); // prettier-ignore
    const { code, stderr } = await sweep.ended;
    expect(code, stderr).toBe(0);
    const results = linesOf(join(out, 'sweep.jsonl')).filter(({ event }) => event === 'result');
    expect(results).toHaveLength(3);
    for (const { machine } of results) expect(machine).toMatch(/^(one|two)$/);

    const run = new RoundsRun(etude);
    await run.expectEnd(run.startWith(knowing, url));
    await run.expectBytesOfOneProcess();
  });

  it('refuses a certificate that is not known here, a server without TLS, and TLS at a client without it, in a sentence', async () => {
    const { redis, url } = await redisWithTls();
    const refused = async (address: string): Promise<string> => {
      const { code, stderr } = await startEtude([process.execPath, etude], ['worker', '--redis', address]).ended;
      expect(code).toBe(1);
      return stderr;
    };
    const sentence = /a TLS connection cannot be made\. Does the address need rediss:\/\/, and is the certificate known here \(NODE_EXTRA_CA_CERTS\)\?/; // prettier-ignore
    expect(await refused(url)).toMatch(sentence);
    // Such a server waits for what it would understand.
    expect(await refused(`rediss://127.0.0.1:${redis.port}`)).toMatch(
      /the host does not answer\. .*whether rediss:\/\/ \(TLS\) is meant/,
    );
    expect(await refused(url.replace('rediss', 'redis'))).toMatch(/the address may need rediss:\/\/ \(TLS\)/);
  });
});
