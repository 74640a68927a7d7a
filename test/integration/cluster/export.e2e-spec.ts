import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportCluster, provisionBroker } from '../../../libs/cluster/src/index.js';

let folder: string;
const ended: (() => Promise<void>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'export-e2e-'));
});
afterEach(async () => {
  await Promise.all(ended.splice(0).map((end) => end()));
  await rm(folder, { recursive: true, maxRetries: 10 });
});

/** A broker of the exported files. */
interface Started {
  readonly pid: number;
  log(): string;
}

/** Starts a broker as `bin/activemq` does, in a network of its own: it listens on every address, and on the standard ports. */
async function startExported(name: string): Promise<Started> {
  const { java, classPath } = await provisionBroker();
  const properties = [`-Dactivemq.data=${folder}/data`, `-Djava.io.tmpdir=${folder}`, '-XX:-UsePerfData', '-Xmx256m'];
  const main = ['-cp', classPath, 'org.apache.activemq.console.Main', 'start', `xbean:file:${folder}/out/${name}/activemq.xml`];
  const script = 'ip link set lo up && exec "$@"';
  const child = spawn('unshare', ['--net', 'sh', '-c', script, 'sh', java, ...properties, ...main], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr?.on('data', (text) => (log += String(text)));
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  ended.push(async () => {
    child.kill('SIGKILL');
    await exit;
  });
  await new Promise((resolve, reject) => child.once('spawn', () => resolve(undefined)).once('error', reject));
  return { pid: child.pid ?? 0, log: () => log };
}

/** What a broker on port 61613 answers to a CONNECT, asked from inside its network. */
async function answerOf({ pid }: Started): Promise<string> {
  const ask = `const s = require('node:net').connect(61613, '127.0.0.1', () => s.write('CONNECT\\naccept-version:1.2\\nhost:x\\n\\n\\0'));
    s.on('data', (d) => { console.log(String(d).split('\\n')[0]); process.exit(); }).on('error', (e) => { console.log(e.code); process.exit(); });`;
  const { stdout } = await promisify(execFile)('nsenter', ['--target', String(pid), '--net', process.execPath, '-e', ask]);
  return stdout.trim();
}

describe('an exported activemq.xml', () => {
  it('starts a real master, and a slave that waits for it to die', async () => {
    await exportCluster(join(folder, 'out'), { topology: 'shared-file' });
    const master = await startExported('broker1');
    await expect.poll(() => answerOf(master), { timeout: 30_000, interval: 200 }).toBe('CONNECTED');
    const slave = await startExported('broker2');
    await expect.poll(() => slave.log(), { timeout: 30_000 }).toContain('slave mode');
    expect(await answerOf(slave)).toBe('ECONNREFUSED');
    process.kill(master.pid, 'SIGKILL');
    await expect.poll(() => answerOf(slave), { timeout: 30_000, interval: 200 }).toBe('CONNECTED');
  });
});
