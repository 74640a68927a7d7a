import { randomBytes, randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { ClusterError } from './errors.js';

/** From the addresses that are for one organisation's own use (RFC 2365). */
const GROUP_ADDRESS = '239.255.61.61';
const LOWEST_PORT = 20_000;
const HIGHEST_PORT = 32_000;
/** ms a packet to ourselves may take. */
const PATIENCE = 2_000;

/**
 * A discovery URI that only this cluster's brokers use: random port and group, packets that do not leave this machine. Throws a
 * ClusterError `NO_MULTICAST` where the machine does not deliver multicast to itself.
 */
export async function chooseMulticast(): Promise<string> {
  const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
  const refusal = await tryMulticast(port);
  if (refusal !== undefined) {
    throw new ClusterError(
      'NO_MULTICAST',
      `this machine does not deliver multicast (${refusal}), so brokers cannot discover each other; use network-static, which lists them`,
    );
  }
  return `multicast://${GROUP_ADDRESS}:${port}?group=${randomBytes(6).toString('hex')}&timeToLive=0`;
}

/** Sends a packet to the group and waits for it; why it did not come, or undefined when it did. */
async function tryMulticast(port: number): Promise<string | undefined> {
  const secret = randomBytes(16);
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  try {
    return await new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(`a packet to ${GROUP_ADDRESS} did not come back within ${PATIENCE} ms`), PATIENCE);
      const finish = (why: string | undefined): void => {
        clearTimeout(timer);
        resolve(why);
      };
      socket.on('error', (error) => finish(error.message));
      socket.on('message', (message) => {
        if (message.equals(secret)) {
          finish(undefined);
        }
      });
      socket.bind(port, () => {
        try {
          socket.addMembership(GROUP_ADDRESS);
          socket.setMulticastTTL(0);
          socket.setMulticastLoopback(true);
          socket.send(secret, port, GROUP_ADDRESS, (error) => error && finish(error.message));
        } catch (error) {
          finish(error instanceof Error ? error.message : String(error));
        }
      });
    });
  } finally {
    socket.close();
  }
}
