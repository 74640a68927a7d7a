import { describe, expect, it } from 'vitest';

import { SendWindow } from './send-window.js';

const never = () => undefined;

/** Enters and notes it. */
function enter(window: SendWindow, log: string[], name: string, bytes: number, signal?: AbortSignal): Promise<unknown> {
  const wait = window.enter(bytes, () => signal);
  if (!wait) {
    log.push(name);
    return Promise.resolve();
  }
  return wait.then(
    () => log.push(name),
    () => log.push(`${name} gave up`),
  );
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('SendWindow', () => {
  it('lets in as many messages as it has places, and the others in their order', async () => {
    const window = new SendWindow(2, 1_000);
    const log: string[] = [];
    for (const name of 'abcde') void enter(window, log, name, 1);
    await settled();
    expect(log).toEqual(['a', 'b']);
    expect(window.size).toBe(5);
    window.leave(1);
    await settled();
    expect(log).toEqual(['a', 'b', 'c']);
    window.leave(1);
    window.leave(1);
    await settled();
    expect(log).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(window.size).toBe(2);
  });

  it('lets in as many bytes as it has room for; a small one does not overtake a large one', async () => {
    const window = new SendWindow(100, 10);
    const log: string[] = [];
    void enter(window, log, 'six', 6);
    void enter(window, log, 'eight', 8);
    void enter(window, log, 'one', 1);
    await settled();
    expect(log).toEqual(['six']);
    window.leave(6);
    await settled();
    expect(log).toEqual(['six', 'eight', 'one']);
  });

  it('lets a message larger than itself go alone', async () => {
    const window = new SendWindow(100, 10);
    const log: string[] = [];
    void enter(window, log, 'small', 1);
    void enter(window, log, 'huge', 1_000);
    void enter(window, log, 'next', 1);
    await settled();
    expect(log).toEqual(['small']);
    window.leave(1);
    await settled();
    expect(log).toEqual(['small', 'huge']);
    window.leave(1_000);
    await settled();
    expect(log).toEqual(['small', 'huge', 'next']);
  });

  it('forgets who gives up, and lets in who stood behind', async () => {
    const window = new SendWindow(100, 10);
    const log: string[] = [];
    const abort = new AbortController();
    void enter(window, log, 'six', 6);
    void enter(window, log, 'eight', 8, abort.signal);
    void enter(window, log, 'one', 1);
    abort.abort(new Error('too late'));
    await settled();
    expect(log).toEqual(['six', 'eight gave up', 'one']);
    expect(window.size).toBe(2);
    window.leave(6);
    window.leave(1);
    expect(window.size).toBe(0);
  });

  it('asks for the signal only of those that wait', () => {
    const window = new SendWindow(1, 10);
    let asked = 0;
    const whenToStop = () => {
      asked++;
      return undefined;
    };
    void window.enter(1, whenToStop);
    expect(asked).toBe(0);
    void window.enter(1, whenToStop);
    expect(asked).toBe(1);
  });

  it('moves each waiting sender a few times at most, however many wait', () => {
    // Counted, not timed: a clock would tell of the machine's load. An array that shifts moves all that stand behind, each time.
    const COUNT = 20_000;
    const window = new SendWindow(256, 1_000_000);
    for (let number = 0; number < COUNT; number++) void window.enter(1, never);
    let moved = 0;
    const { shift, splice } = Array.prototype;
    // Not by spies: they use these methods themselves.
    Reflect.set(Array.prototype, 'shift', function (this: unknown[]) {
      moved += this.length;
      return shift.call(this);
    });
    Reflect.set(Array.prototype, 'splice', function (this: unknown[], ...given: [number, number]) {
      moved += this.length;
      return Reflect.apply(splice, this, given) as unknown[];
    });
    try {
      for (let number = 0; number < COUNT; number++) window.leave(1);
    } finally {
      Reflect.set(Array.prototype, 'shift', shift);
      Reflect.set(Array.prototype, 'splice', splice);
    }
    expect(window.size).toBe(0);
    expect(moved).toBeLessThan(4 * COUNT);
  });

  it('survives that everybody gives up at once', async () => {
    const window = new SendWindow(1, 10);
    const abort = new AbortController();
    const log: string[] = [];
    void enter(window, log, 'first', 1);
    const waiting = Array.from({ length: 10 }, (_, number) => enter(window, log, `${number}`, 1, abort.signal));
    abort.abort(new Error('too late'));
    await Promise.all(waiting);
    expect(window.size).toBe(1);
    window.leave(1);
    void enter(window, log, 'last', 1);
    expect(log.at(-1)).toBe('last');
  });

  it('lets nobody wait whose time is over already', async () => {
    const window = new SendWindow(1, 10);
    const log: string[] = [];
    await enter(window, log, 'a', 1);
    await enter(window, log, 'b', 1, AbortSignal.abort(new Error('too late')));
    expect([log, window.size]).toEqual([['a', 'b gave up'], 1]);
  });
});
