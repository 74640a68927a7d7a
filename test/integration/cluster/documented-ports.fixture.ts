import { startCluster } from '../../../libs/cluster/src/index.js';

// What amq_batch.sh of the tutorials does, and what they do by hand: start three, look, kill the master, look again, stop all.
const cluster = await startCluster({ topology: 'combined', portPlan: 'documented' });
const states = async (): Promise<unknown> => (await cluster.status()).map(({ name, state, ports }) => [name, state, ports.openwire]);
const before = await states();
await cluster.killMaster();
await cluster.waitForMaster();
const after = await states();
const second = await startCluster({ topology: 'single', portPlan: 'documented' }).catch((error: Error) => error.message);
await cluster.down();
process.stdout.write(JSON.stringify({ before, after, second }));
