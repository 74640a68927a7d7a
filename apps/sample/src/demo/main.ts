import 'reflect-metadata';

import { DemoRun } from './demo-run.js';
import { startEmbeddedCluster } from './embedded-cluster.js';
import type { DemoEvent, DemoSettings, MasterKilled } from './demo-protocol.js';

/** ms between two reports of progress. */
const PROGRESS_INTERVAL = 100;
/** Runs of at most so many messages tell each one. */
const READABLE = 10;

if (!process.send) throw new Error('This is a part of the demo; start it with: npm run demo');
// Nobody would read the result, and the brokers are gone as well.
process.once('disconnect', () => process.exit());

const settings = JSON.parse(process.env['DEMO_SETTINGS'] ?? '') as DemoSettings;
const embedded = settings.embedded ? await startEmbeddedCluster() : undefined;
const run = new DemoRun(settings, embedded?.broker ?? { brokerUrl: process.env['ACTIVEMQ_BROKER_URL'] }, {
  killMaster: () => (embedded ? embedded.killMaster() : killMaster()),
  onHandled: settings.messages <= READABLE ? (text) => tell({ type: 'handled', text }) : undefined,
  onNote: (text) => tell({ type: 'note', text }),
});
const reporting = setInterval(() => {
  const { confirmed, unique } = run.tally.counts;
  tell({ type: 'progress', confirmed, unique });
}, PROGRESS_INTERVAL);
const problem = await run.run();
clearInterval(reporting);
await embedded?.stop();
tell({ type: 'finished', counts: run.counts, problem });

function tell(event: DemoEvent): void {
  process.send?.(event);
}

/** The brokers belong to the script that started this process. */
function killMaster(): Promise<number> {
  tell({ type: 'kill-master' });
  return new Promise((resolve) => process.once('message', ({ at }: MasterKilled) => resolve(at)));
}
