import { fork } from 'node:child_process';

import type { DemoEvent, DemoSettings } from '../../apps/sample/src/demo/demo-protocol.js';
import { ROOT, ENTRIES } from '../application/build-application.js';
import type { DemoBroker } from './demo-broker.js';

/** How a run ended. */
export type DemoOutcome = Omit<Extract<DemoEvent, { type: 'finished' }>, 'type'>;

/** Told what happens meanwhile. */
export interface DemoObserver {
  onProgress(confirmed: number, unique: number): void;
  onNote(text: string): void;
}

/**
 * Runs the compiled demo in a process of its own; what the framework logs goes to standard error.
 *
 * @throws Error when the process ends without a result
 */
export function runBuiltDemo(settings: DemoSettings, broker: DemoBroker, observer: DemoObserver): Promise<DemoOutcome> {
  const child = fork(ENTRIES.demo, {
    cwd: ROOT,
    execArgv: ['--enable-source-maps'],
    env: { ...process.env, ACTIVEMQ_BROKER_URL: broker.brokerUrl, DEMO_SETTINGS: JSON.stringify(settings) },
    stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The demo's process ended with code ${code} before it had a result`)));
    const onEvent = (event: DemoEvent) => {
      switch (event.type) {
        case 'progress':
          observer.onProgress(event.confirmed, event.unique);
          break;
        case 'handled':
          observer.onNote(`  handled ${event.text}`);
          break;
        case 'note':
          observer.onNote(event.text);
          break;
        case 'kill-master':
          broker.killMaster().then((at) => child.send({ type: 'master-killed', at }), reject);
          break;
        case 'finished':
          observer.onProgress(event.counts.confirmed, event.counts.unique);
          child.disconnect();
          resolve({ counts: event.counts, problem: event.problem });
      }
    };
    child.on('message', onEvent);
  });
}
