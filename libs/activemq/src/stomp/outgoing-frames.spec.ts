import { once } from 'node:events';
import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { ConnectionClosedError, IllegalFrameError } from '../errors/index.js';
import { OutgoingFrames } from './outgoing-frames.js';
import { framesOf } from './frame-parser.fixture.js';

/** A socket that records each write to the system, and keeps the callback of the last one while it is `slow`. */
class FakeSocket extends Writable {
  readonly writes: Buffer[][] = [];
  slow = false;
  release: () => void = () => {};

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#record([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#record(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  get wire(): Buffer {
    return Buffer.concat(this.writes.flat());
  }

  #record(chunks: Buffer[], done: () => void): void {
    this.writes.push(chunks);
    if (this.slow) this.release = done;
    else done();
  }
}

const LARGE = Buffer.alloc(20_000, 'x');
const nextTick = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('OutgoingFrames', () => {
  it('makes one write of the many small frames of a tick', async () => {
    const socket = new FakeSocket();
    const frames = new OutgoingFrames(socket);
    for (let i = 0; i < 100; i++) frames.write('SEND', { id: String(i) }, Buffer.from(`body ${i}`));
    frames.heartBeat();
    expect(socket.writes).toEqual([]);
    await nextTick();
    expect(socket.writes).toHaveLength(1);
    expect(socket.writes[0]).toHaveLength(1);
    expect(framesOf(socket.wire).map((frame) => frame.body.toString())).toEqual(Array.from({ length: 100 }, (_, i) => `body ${i}`));
    expect(socket.wire.at(-1)).toBe(0x0a);
  });

  it('makes one write per tick, and keeps the order of large and small frames', async () => {
    const socket = new FakeSocket({ highWaterMark: 2 ** 20 });
    const frames = new OutgoingFrames(socket);
    frames.write('SEND', { id: '1' }, Buffer.from('small'));
    frames.write('SEND', { id: '2' }, LARGE);
    frames.write('ACK', { id: '3' });
    await nextTick();
    expect(socket.writes).toHaveLength(1);
    frames.write('ACK', { id: '4' });
    await nextTick();
    expect(socket.writes).toHaveLength(2);
    expect(framesOf(socket.wire).map((frame) => frame.headers['id'])).toEqual(['1', '2', '3', '4']);
  });

  it('does not copy a large body', async () => {
    const socket = new FakeSocket();
    new OutgoingFrames(socket).write('SEND', {}, LARGE);
    await nextTick();
    expect(socket.writes.flat().some((chunk) => chunk === LARGE)).toBe(true);
  });

  it('does not write again to memory that a slow socket still holds', async () => {
    const socket = new FakeSocket({ highWaterMark: 2 ** 20 });
    socket.slow = true;
    const frames = new OutgoingFrames(socket);
    for (let i = 0; i < 300; i++) {
      frames.write('SEND', { id: String(i) }, Buffer.alloc(700, String(i % 10)));
      if (i % 7 === 0) frames.flush();
    }
    await nextTick();
    while (socket.writableLength > 0) {
      socket.release();
      await nextTick();
    }
    const bodies = framesOf(socket.wire).map((frame) => frame.body.toString());
    expect(bodies).toEqual(Array.from({ length: 300 }, (_, i) => String(i % 10).repeat(700)));
  });

  it('writes a head that is larger than its batches', async () => {
    const socket = new FakeSocket();
    const headers = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`h${i}`, '漢'.repeat(100)]));
    new OutgoingFrames(socket).write('SEND', headers, Buffer.from('x'));
    await nextTick();
    expect({ ...framesOf(socket.wire)[0]?.headers }).toEqual({ ...headers, 'content-length': '1' });
  });

  it('hands over within the tick what is above 64 KiB', () => {
    const socket = new FakeSocket({ highWaterMark: 2 ** 20 });
    const frames = new OutgoingFrames(socket);
    for (let i = 0; i < 4; i++) frames.write('SEND', {}, LARGE);
    expect(socket.writes.length).toBeGreaterThan(0);
    expect(frames.writableLength).toBe(0);
  });

  it('sends nothing of a frame that it refuses', async () => {
    const socket = new FakeSocket();
    const frames = new OutgoingFrames(socket);
    expect(() => frames.write('SEND', { h: 'x'.repeat(20_000) }, Buffer.from('x'))).toThrow(IllegalFrameError);
    frames.write('ACK', { id: '1' });
    await nextTick();
    expect(socket.wire.toString()).toBe('ACK\nid:1\n\n\0');
  });

  it('tells what it wrote and when', async () => {
    const socket = new FakeSocket();
    const frames = new OutgoingFrames(socket);
    const made = frames.lastWriteAt;
    expect(made).toBeLessThanOrEqual(performance.now());
    const before = performance.now();
    frames.heartBeat();
    expect(frames.writableLength).toBe(1);
    await nextTick();
    expect(frames.bytesWritten).toBe(1);
    expect(frames.writableLength).toBe(0);
    expect(frames.lastWriteAt).toBeGreaterThanOrEqual(before);
  });

  it('is flushed before the socket ends', async () => {
    const socket = new FakeSocket();
    const frames = new OutgoingFrames(socket);
    frames.write('DISCONNECT', { receipt: '1' });
    frames.flush();
    socket.end();
    await once(socket, 'finish');
    expect(framesOf(socket.wire)[0]?.command).toBe('DISCONNECT');
    expect(socket.writes).toHaveLength(1);
  });

  describe('on a closed socket', () => {
    it('refuses frames, drops heart-beats, and names the cause', async () => {
      const socket = new FakeSocket();
      const frames = new OutgoingFrames(socket);
      const reset = new Error('ECONNRESET');
      const failed = once(socket, 'error');
      socket.destroy(reset);
      await failed;
      expect(() => frames.write('ACK', { id: '1' })).toThrow(ConnectionClosedError);
      expect(() => frames.write('ACK', { id: '1' })).toThrow(expect.objectContaining({ cause: reset }));
      frames.heartBeat();
      frames.flush();
      expect(frames.writableLength).toBe(0);
      await expect(frames.drained()).rejects.toThrow(ConnectionClosedError);
    });

    it('drops what was collected in the tick it closed in', async () => {
      const socket = new FakeSocket();
      const frames = new OutgoingFrames(socket);
      frames.write('ACK', { id: '1' });
      socket.destroy();
      await once(socket, 'close');
      await nextTick();
      expect(socket.writes).toEqual([]);
      expect(frames.bytesWritten).toBe(0);
    });
  });

  describe('back-pressure', () => {
    function filled() {
      const socket = new FakeSocket({ highWaterMark: 1000 });
      socket.slow = true;
      const frames = new OutgoingFrames(socket);
      frames.write('SEND', {}, LARGE);
      return { socket, frames };
    }

    it('is none while the socket takes everything', async () => {
      const frames = new OutgoingFrames(new FakeSocket());
      frames.write('ACK', { id: '1' });
      expect(frames.needsDrain).toBe(false);
      await frames.drained();
    });

    it('counts what is collected in this tick', () => {
      expect(filled().frames.needsDrain).toBe(true);
    });

    it('ends for all who wait when the socket has drained, with one set of listeners', async () => {
      const { socket, frames } = filled();
      let resolved = 0;
      const waiting = Array.from({ length: 50 }, () => frames.drained().then(() => resolved++));
      await nextTick();
      expect(resolved).toBe(0);
      expect(socket.listenerCount('drain')).toBe(1);
      socket.slow = false;
      socket.release();
      await Promise.all(waiting);
      expect(frames.needsDrain).toBe(false);
      expect(['drain', 'finish', 'close'].map((event) => socket.listenerCount(event))).toEqual([0, 0, 0]);
      await frames.drained();
    });

    it('ends with an error for all who wait when the socket closes', async () => {
      const { socket, frames } = filled();
      const waiting = [frames.drained(), frames.drained()];
      socket.on('error', () => undefined);
      socket.destroy(new Error('reset by peer'));
      for (const one of await Promise.allSettled(waiting)) {
        expect(one).toMatchObject({ status: 'rejected', reason: { name: 'ConnectionClosedError', cause: { message: 'reset by peer' } } });
      }
      expect(['drain', 'finish', 'close'].map((event) => socket.listenerCount(event))).toEqual([0, 0, 0]);
    });

    it('ends when the socket was ended meanwhile and has sent everything', async () => {
      const { socket, frames } = filled();
      const waiting = frames.drained();
      socket.end();
      socket.slow = false;
      socket.release();
      await waiting;
      expect(framesOf(socket.wire)).toHaveLength(1);
    });
  });
});
