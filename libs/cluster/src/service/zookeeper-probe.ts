import { ask, type Endpoint } from './ask.js';

/** `leader`, `follower` or `standalone`; undefined while the ZooKeeper has no quorum, or does not answer. */
export async function probeZooKeeper(server: Endpoint): Promise<string | undefined> {
  const answer = await ask(server, Buffer.from('srvr'), () => false);
  return /^Mode: (\w+)/m.exec(answer?.toString('latin1') ?? '')?.[1];
}
