import { describe, expect, it } from 'vitest';

import { MemorySocket } from './memory-socket.js';

/** Bytes until the end. */
async function read(socket: MemorySocket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

describe('a connection in memory', () => {
  it('carries bytes both ways, a turn of the event loop later', async () => {
    const [a, b] = MemorySocket.pair();
    let early = true;
    const got = new Promise((resolve) => b.once('data', (chunk: Buffer) => resolve([early, chunk.toString()])));
    a.write('hello');
    early = false;
    expect(await got).toEqual([false, 'hello']);
    b.end('bye');
    expect(await read(a)).toBe('bye');
  });

  it('makes writes wait for a slow reader, and go on when it reads', async () => {
    const [a, b] = MemorySocket.pair();
    let written = 0;
    for (let i = 0; i < 10; i++) a.write(Buffer.alloc(64 * 1024), () => written++);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(a.writableNeedDrain).toBe(true);
    expect(written).toBeLessThan(3);
    const drained = new Promise((resolve) => a.once('drain', resolve));
    b.resume();
    await drained;
    expect(written).toBe(10);
  });

  it('destroyed at one end, it ends at the other', async () => {
    const [a, b] = MemorySocket.pair();
    a.write('last words');
    await new Promise((resolve) => setImmediate(resolve));
    a.destroy();
    const closed = new Promise((resolve) => b.once('close', resolve));
    expect(await read(b)).toBe('last words');
    await closed;
  });

  it('fails a write to an end that is gone', async () => {
    const [a, b] = MemorySocket.pair();
    b.destroy();
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => a.once('error', resolve));
    a.write('x');
    expect((await failed).code).toBe('EPIPE');
  });

  it('that nobody answers fails as a closed port does', async () => {
    const socket = MemorySocket.refused('vm://nobody');
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve));
    expect([error.code, error.message]).toEqual(['ECONNREFUSED', 'connect ECONNREFUSED vm://nobody']);
  });

  it('takes what a client does with a net.Socket', () => {
    const [a] = MemorySocket.pair();
    expect(a.setNoDelay().setKeepAlive().ref().unref()).toBe(a);
  });
});
