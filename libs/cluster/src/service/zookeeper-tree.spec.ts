import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { probeZooKeeper } from './zookeeper-probe.js';
import { readChildren } from './zookeeper-tree.js';

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

/** A peer that answers whatever comes with these bytes. */
async function peer(answer: (socket: Socket, received: Buffer) => void): Promise<{ port: number }> {
  const listening = createServer((socket) => socket.on('data', (received) => answer(socket, received))).listen(0, '127.0.0.1');
  server = listening;
  await once(listening, 'listening');
  const address = listening.address();
  return { port: typeof address === 'object' && address ? address.port : 0 };
}

describe('a peer that is no ZooKeeper, or has no quorum', () => {
  it.each([
    ['closes', (socket: Socket) => socket.destroy()],
    ['speaks something else', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['announces a packet without end', (socket: Socket) => socket.end(Buffer.from([0x7f, 0xff, 0xff, 0xff, 0]))],
    ['announces a packet of negative length', (socket: Socket) => socket.end(Buffer.from([0xff, 0xff, 0xff, 0xff]))],
    ['says that there is no such path', (socket: Socket) => socket.end(Buffer.from(`0000000000000010${'0'.repeat(24)}ffffff9b`, 'hex'))],
    ['lists more children than it sends', (socket: Socket) => socket.end(Buffer.from(`0000000000000014${'0'.repeat(32)}7fffffff`, 'hex'))],
  ])('gives no children, or none, when it %s', async (_, answer) => {
    const children = await readChildren(await peer(answer), '/x');
    expect([...(children ?? [])]).toEqual([]);
  });

  it('has no part in an ensemble', async () => {
    await expect(
      probeZooKeeper(await peer((socket) => socket.end('This ZooKeeper instance is not currently serving requests\n'))),
    ).resolves.toBeUndefined();
    await expect(probeZooKeeper(await peer((socket) => socket.end('Zookeeper version: 3\nMode: leader\nNode count: 4\n')))).resolves.toBe(
      'leader',
    );
    await expect(probeZooKeeper({ port: 1 })).resolves.toBeUndefined();
  });
});
