import { describe, expect, it } from 'vitest';

import { SubscriptionGate } from './subscription-gate.js';

describe('SubscriptionGate', () => {
  it('lets everybody through who waits when it opens, and nobody who comes later', async () => {
    const gate = new SubscriptionGate();
    const waiting = [gate.wait(), gate.wait()];
    gate.open();
    expect(await Promise.all(waiting)).toEqual([undefined, undefined]);
    const later = gate.wait();
    gate.refuse(new Error('no'));
    await expect(later).rejects.toThrow('no');
  });

  it('lets go of who stops waiting', async () => {
    const gate = new SubscriptionGate();
    const controller = new AbortController();
    const waiting = gate.wait(controller.signal);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    await expect(gate.wait(controller.signal)).rejects.toThrow('enough');
    gate.open();
  });

  it('does not hear a signal that fires after it opened', async () => {
    const gate = new SubscriptionGate();
    const controller = new AbortController();
    const waiting = gate.wait(controller.signal);
    gate.open();
    controller.abort(new Error('too late'));
    await expect(waiting).resolves.toBeUndefined();
  });
});
