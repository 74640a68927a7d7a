import { type ClusterTopology, startCluster } from '../../../libs/cluster/src/index.js';

// A program that starts a cluster and never takes it down: its test kills it. It says what its processes have in common.
const topology = (process.argv[2] ?? 'shared-file') as ClusterTopology;
const partitionable = process.argv[3] === 'partitionable';
const cluster = await startCluster({ topology, partitionable });
await cluster.pause('broker2');
process.stdout.write(`${cluster.description.marker}\n`);
setInterval(() => undefined, 60_000);
