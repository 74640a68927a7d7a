import { describe, expect, it, vi } from 'vitest';

import { deliveryOf, entered, gateBench } from './idempotency-gate.fixture.js';
import { IdempotencyStoreError, type IdempotencyStoreFailure, type IdempotencyStoreOperation } from './idempotency-store.error.js';
import { InMemoryIdempotencyStore } from './in-memory-idempotency-store.js';

/** A store that can be out. */
class MortalStore extends InMemoryIdempotencyStore {
  failure: IdempotencyStoreFailure | undefined;
  opened = 0;

  open(): Promise<void> {
    this.opened++;
    return this.#meet('open', () => Promise.resolve());
  }

  override claim(request: Parameters<InMemoryIdempotencyStore['claim']>[0]) {
    return this.#meet('claim', () => super.claim(request));
  }

  override complete(request: Parameters<InMemoryIdempotencyStore['complete']>[0]) {
    return this.#meet('complete', () => super.complete(request));
  }

  override release(request: Parameters<InMemoryIdempotencyStore['release']>[0]) {
    return this.#meet('release', () => super.release(request));
  }

  override ping() {
    return this.#meet('ping', () => super.ping());
  }

  #meet<T>(operation: IdempotencyStoreOperation, call: () => Promise<T>): Promise<T> {
    if (this.failure === undefined) return call();
    return Promise.reject(new IdempotencyStoreError(`${operation} failed`, operation, this.failure));
  }
}

const message = () => deliveryOf({ idempotencyKey: '1' });

describe('while the store is out', () => {
  it('the listener is suspended before anything is answered, and goes on when the store answers', async () => {
    const store = new MortalStore();
    const { gate, listener, gates } = await gateBench({ store });
    store.failure = 'outage';
    const entering = gate.enter(message());
    expect(await entering).toMatchObject({ kind: 'unavailable' });
    expect(listener.suspend).toHaveBeenCalledTimes(1);
    expect(gate.snapshot).toMatchObject({ isBreakerOpen: true, claims: { error: 1 }, store: { claim: { calls: 1, failures: 1 } } });
    expect(await gate.enter(message())).toMatchObject({ kind: 'unavailable' });
    expect(gate.snapshot.store.claim.calls).toBe(1);
    store.failure = undefined;
    await vi.waitFor(() => expect(listener.resume).toHaveBeenCalledTimes(1), 5_000);
    expect(gate.snapshot.isBreakerOpen).toBe(false);
    expect((await gate.enter(message())).kind).toBe('enter');
    await gates.stop();
  });

  it("'process': handled unprotected and counted, not suspended, and protected again afterwards", async () => {
    const store = new MortalStore();
    const { gate, listener, gates } = await gateBench({ store, listener: { onStoreError: 'process' } });
    store.failure = 'outage';
    await (await entered(gate, message())).complete(undefined);
    await (await entered(gate, message())).complete(undefined);
    expect(gate.snapshot).toMatchObject({ unprotected: 2, isBreakerOpen: true, claims: { error: 1 } });
    expect(listener.suspend).not.toHaveBeenCalled();
    store.failure = undefined;
    await vi.waitFor(() => expect(gate.snapshot.isBreakerOpen).toBe(false), 5_000);
    await (await entered(gate, message())).complete(undefined);
    expect((await gate.enter(message())).kind).toBe('completed');
    await gates.stop();
  });

  it('what a handler did is recorded when the store is back, before the listener goes on: it does not run again', async () => {
    const store = new MortalStore();
    const { gate, listener, gates } = await gateBench({ store });
    const attempt = await entered(gate, message());
    store.failure = 'outage';
    expect(await attempt.complete('done')).toMatchObject({ kind: 'unavailable' });
    expect(gate.snapshot.uncertain).toBe(1);
    expect(await gate.enter(message())).toMatchObject({ kind: 'unavailable' });
    listener.resume.mockImplementation(() => expect(gate.snapshot.store.complete).toMatchObject({ calls: 2, failures: 1 }));
    store.failure = undefined;
    await vi.waitFor(() => expect(listener.resume).toHaveBeenCalledTimes(1), 5_000);
    expect((await gate.enter(message())).kind).toBe('completed');
    await gates.stop();
  });

  it("'process': what a handler did passes for done here, and is recorded later", async () => {
    const store = new MortalStore();
    const { gate, gates } = await gateBench({ store, listener: { onStoreError: 'process' } });
    const attempt = await entered(gate, message());
    store.failure = 'outage';
    expect(await attempt.complete('done')).toEqual({ kind: 'completed' });
    expect((await gate.enter(message())).kind).toBe('completed');
    store.failure = undefined;
    await gates.stop();
    const { gate: next } = await gateBench({ store });
    expect((await next.enter(message())).kind).toBe('completed');
  });

  it('a failed attempt is over all the same', async () => {
    const store = new MortalStore();
    const { gate, gates } = await gateBench({ store });
    const attempt = await entered(gate, message());
    store.failure = 'outage';
    await attempt.release();
    expect(gate.snapshot.isBreakerOpen).toBe(true);
    await gates.stop();
  });

  it('what is no record of ours concerns one message: it is dead-lettered, and nothing is suspended', async () => {
    const store = new MortalStore();
    const { gate, listener } = await gateBench({ store });
    store.failure = 'foreign-data';
    expect(await gate.enter(message())).toMatchObject({
      kind: 'refuse',
      reason: expect.stringMatching(/^IDEMPOTENCY_FOREIGN_DATA/) as string,
    });
    expect(listener.suspend).not.toHaveBeenCalled();
  });

  it('a record written over while its handler runs stops nothing either: the message was handled', async () => {
    const store = new MortalStore();
    const { gate, listener, logger } = await gateBench({ store });
    const attempt = await entered(gate, message());
    store.failure = 'foreign-data';
    expect(await attempt.complete(undefined)).toEqual({ kind: 'completed' });
    expect(listener.suspend).not.toHaveBeenCalled();
    expect(logger.lines.some((line) => line.includes('cannot be recorded'))).toBe(true);
  });
});

describe('a start without the store', () => {
  const out = () => {
    const store = new MortalStore();
    store.failure = 'outage';
    return store;
  };

  it('in the background: the listener begins suspended, and goes on when the store was opened', async () => {
    const store = out();
    const { listener, gates } = await gateBench({ store });
    expect(listener.suspend).toHaveBeenCalledTimes(1);
    store.failure = undefined;
    await vi.waitFor(() => expect(listener.resume).toHaveBeenCalledTimes(1), 5_000);
    expect(store.opened).toBe(2);
    await gates.stop();
  });

  it("'fail': throws", async () => {
    const { gates, store } = await gateBench({ store: new MortalStore() });
    (store as MortalStore).failure = 'outage';
    await expect(gates.start('fail')).rejects.toBeInstanceOf(IdempotencyStoreError);
  });

  it("'wait': waits for it", async () => {
    const { gates, store } = await gateBench({ store: new MortalStore() });
    (store as MortalStore).failure = 'outage';
    const starting = gates.start('wait');
    (store as MortalStore).failure = undefined;
    await expect(starting).resolves.toBeUndefined();
  });
});
