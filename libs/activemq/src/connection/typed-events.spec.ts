import { describe, expect, it } from 'vitest';

import { TypedEvents } from './typed-events.js';

interface Events {
  one: { readonly n: number };
  two: Record<string, never>;
}

function make() {
  const failures: string[] = [];
  const events = new TypedEvents<Events>((error, name) => failures.push(`${name}: ${String(error)}`));
  return { events, failures };
}

describe('TypedEvents', () => {
  it('calls the listeners of the event in their order, until they are removed', () => {
    const { events } = make();
    const seen: string[] = [];
    const remove = events.on('one', ({ n }) => seen.push(`a${n}`));
    events.on('one', ({ n }) => seen.push(`b${n}`));
    events.on('two', () => seen.push('two'));
    events.emit('one', { n: 1 });
    remove();
    remove();
    events.emit('one', { n: 2 });
    expect(seen).toEqual(['a1', 'b1', 'b2']);
  });

  it('reports a listener that throws, and calls the others', () => {
    const { events, failures } = make();
    const seen: number[] = [];
    events.on('one', () => {
      throw new Error('no');
    });
    events.on('one', ({ n }) => seen.push(n));
    events.emit('one', { n: 1 });
    expect(seen).toEqual([1]);
    expect(failures).toEqual(['one: Error: no']);
  });

  it('reports an asynchronous listener that fails', async () => {
    const { events, failures } = make();
    const listener: () => unknown = async () => Promise.reject(new Error('later'));
    events.on('one', listener);
    events.emit('one', { n: 1 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toEqual(['one: Error: later']);
  });

  it('calls a listener once per event, also when it takes itself off and on again', () => {
    const { events } = make();
    let calls = 0;
    const listener = () => {
      if (++calls > 10) throw new Error('called without end');
      remove();
      remove = events.on('one', listener);
    };
    let remove = events.on('one', listener);
    events.emit('one', { n: 1 });
    expect(calls).toBe(1);
    events.emit('one', { n: 2 });
    expect(calls).toBe(2);
  });

  it('minds no event that nobody listens to', () => {
    const { events, failures } = make();
    events.emit('two', {});
    expect(failures).toEqual([]);
  });
});
