import { ask } from './ask.js';

/** `leader`, `follower` or `standalone`; undefined while the ZooKeeper on 127.0.0.1 has no quorum, or does not answer. */
export async function probeZooKeeper(port: number): Promise<string | undefined> {
  const answer = await ask(port, Buffer.from('srvr'), () => false);
  return /^Mode: (\w+)/m.exec(answer?.toString('latin1') ?? '')?.[1];
}
