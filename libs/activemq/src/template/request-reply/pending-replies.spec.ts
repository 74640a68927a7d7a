import { describe, expect, it } from 'vitest';

import type { OpenTemporaryQueue } from '../../connection/temporary-queue.js';
import { IllegalStateError } from '../../errors/index.js';
import { EMPTY_BODY } from '../../stomp/frame.js';
import { PendingReplies } from './pending-replies.js';

const queueOf = (brokerUri: string): OpenTemporaryQueue => ({
  destination: '/temp-queue/t1',
  brokerUri,
  send: () => Promise.resolve(),
});
const reply = (id: string) => ({ command: 'MESSAGE', headers: { 'correlation-id': id }, body: EMPTY_BODY });

/** Requests that wait, and what became of them. */
function waiting(limit = 10) {
  const pending = new PendingReplies(limit);
  const ends: string[] = [];
  const ask = (id: string, queue: OpenTemporaryQueue) => {
    pending.enter();
    const end = (how: string) => {
      ends.push(`${id} ${how}`);
      pending.leave(id);
    };
    pending.add(id, { queue, resolve: () => end('answered'), reject: ({ message }) => end(message) });
  };
  return { pending, ends, ask };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('requests that wait for replies', () => {
  it('fail when their queue is lost, and only they do', () => {
    const { pending, ends, ask } = waiting();
    const [old, current] = [queueOf('stomp://a'), queueOf('stomp://b')];
    ask('1', old);
    ask('2', current);
    pending.fail(old, new Error('lost'));
    expect(ends).toEqual(['1 lost']);
    expect([pending.answer(reply('2')), pending.size]).toEqual([true, 0]);
    expect(ends).toEqual(['1 lost', '2 answered']);
  });

  it('are as many as may be, and a reply that nobody waits for is late', () => {
    const { pending, ask } = waiting(1);
    ask('1', queueOf('stomp://a'));
    expect(() => pending.enter()).toThrow(IllegalStateError);
    expect([pending.answer(reply('2')), pending.late]).toEqual([false, 1]);
    pending.answer(reply('1'));
    expect(() => pending.enter()).not.toThrow();
  });

  it('are told of when none is left, and begin no more while they are paused', async () => {
    const { pending, ask } = waiting();
    let isQuiet = false;
    ask('1', queueOf('stomp://a'));
    const quiet = pending.quiet().then(() => (isQuiet = true));
    await settled();
    expect(isQuiet).toBe(false);
    pending.answer(reply('1'));
    await quiet;
    const resume = pending.pause();
    const { paused } = pending;
    expect(paused).toBeInstanceOf(Promise);
    resume();
    await paused;
    expect(pending.paused).toBeUndefined();
  });
});
