import { RedisServer } from '../../support/redis-server.js';
import { withRedis } from '../../support/redis-topologies.js';

const { port } = await RedisServer.start();
const [, folder] = await withRedis(port, async (redis) => redis.config('GET', 'dir'));
process.send?.({ port, folder });
