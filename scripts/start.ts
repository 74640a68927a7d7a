import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { buildSample, ROOT, SAMPLE_ENTRIES } from './sample/build-sample.js';
import { defaultBroker } from './sample/default-broker.js';

/** Signals that ask the application to finish what it does and end. */
const ENDINGS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

try {
  process.exitCode = await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Runs the sample until it is ended; a broker that was started for it ends with it. */
async function start(): Promise<number> {
  const given = process.env['ACTIVEMQ_BROKER_URL'];
  const broker = given ? undefined : await startDefaultBroker();
  try {
    await buildSample();
    return await runApplication(given ?? broker?.brokerUrl);
  } finally {
    await broker?.stop();
  }
}

async function startDefaultBroker() {
  console.log('ACTIVEMQ_BROKER_URL is not set: starting a broker for the sample ...');
  const broker = await defaultBroker((line) => console.log(line));
  console.log(`Started ${broker.description}`);
  return broker;
}

/** Resolves with the exit code; ending it on request is no failure. */
async function runApplication(brokerUrl: string | undefined): Promise<number> {
  const child = spawn(process.execPath, ['--enable-source-maps', SAMPLE_ENTRIES.application], {
    cwd: ROOT,
    env: { ...process.env, ACTIVEMQ_BROKER_URL: brokerUrl },
    // The channel carries nothing: its end tells the application that this process is gone, even by kill -9.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  for (const signal of ENDINGS) process.on(signal, () => child.kill(signal));
  const [code, signal] = await exited;
  return signal !== null && (ENDINGS as readonly string[]).includes(signal) ? 0 : (code ?? 1);
}
