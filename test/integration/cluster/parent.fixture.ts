import { startCluster } from '../../../libs/cluster/src/index.js';

// A program that starts a cluster and never takes it down: its test kills it.
const cluster = await startCluster({ topology: 'shared-file' });
await cluster.pause('broker2');
process.stdout.write('up\n');
setInterval(() => undefined, 60_000);
