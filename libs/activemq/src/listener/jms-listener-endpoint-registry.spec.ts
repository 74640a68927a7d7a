import { Logger } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';

import { fakeDelivery } from '../delivery/delivery.fixture.js';
import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import { containerBench as bench } from './jms-listener-container.fixture.js';
import { JmsListenerEndpointRegistry } from './jms-listener-endpoint-registry.js';

describe('JmsListenerEndpointRegistry', () => {
  it('acts on one listener, or on all', async () => {
    const registry = new JmsListenerEndpointRegistry();
    const [a, b] = [bench('a'), bench('b')];
    registry.registerListenerContainer(a.container);
    registry.registerListenerContainer(b.container);
    registry.start();
    for (const { subscribe } of [a, b]) subscribe();
    expect([registry.isRunning(), registry.getListenerContainers().length]).toEqual([true, 2]);
    registry.pause('a');
    expect([registry.isRunning(), registry.isRunning('a'), registry.isRunning('b')]).toEqual([false, false, true]);
    registry.resume();
    expect(registry.isRunning()).toBe(true);
    await registry.stop();
    expect([a.container.state, b.container.state]).toEqual(['stopped', 'stopped']);
  });

  it('does not wait for a listener whose own handler asks: it stops when that has ended', async () => {
    const registry = new JmsListenerEndpointRegistry();
    const steps: string[] = [];
    const handler = async () => {
      await registry.stop('a');
      steps.push(`asked for, ${container.state}`);
      // Of a second one who asks nobody waits for the first one.
      await registry.unregisterListener('a', 5_000);
      steps.push(`ended, ${container.state}`);
    };
    const { container, observer } = bench('a', {}, { handler });
    registry.registerListenerContainer(container);
    container.start();
    observer.onDelivery(fakeDelivery());
    await vi.waitFor(() => expect(registry.getListenerContainerIds()).toEqual([]));
    expect([...steps, container.state, container.counts.acknowledged]).toEqual(['asked for, stopping', 'ended, stopping', 'stopped', 1]);
  });

  it('waits for it when the handler has ended that began what asks', async () => {
    const registry = new JmsListenerEndpointRegistry();
    let later!: Promise<string>;
    const handler = () => {
      later = new Promise<void>((resolve) => setImmediate(resolve)).then(() => registry.stop('a')).then(() => container.state);
      return Promise.resolve();
    };
    const { container, observer } = bench('a', {}, { handler });
    registry.registerListenerContainer(container);
    container.start();
    observer.onDelivery(fakeDelivery());
    await vi.waitFor(() => expect(container.counts.acknowledged).toBe(1));
    expect(await later).toBe('stopped');
  });

  it('starts nothing that is being unregistered: it ends, whoever asks meanwhile', async () => {
    const registry = new JmsListenerEndpointRegistry();
    const [a, b] = [bench('a'), bench('b')];
    registry.registerListenerContainer(a.container);
    registry.registerListenerContainer(b.container);
    registry.start();
    a.observer.onDelivery(fakeDelivery());
    const unregistered = registry.unregisterListener('a');
    expect(() => registry.start('a')).toThrow("Listener 'a' was unregistered; register it again");
    expect(() => registry.registerListenerContainer(bench('a').container)).toThrow(/Two listeners have the id 'a'/);
    registry.start();
    await vi.waitFor(() => expect(a.running).toHaveLength(1));
    a.running[0]!();
    await unregistered;
    expect([a.container.state, b.container.state, registry.getListenerContainerIds()]).toEqual(['stopped', 'starting', ['b']]);
    expect(a.consumer.start).toHaveBeenCalledTimes(1);
  });

  it('goes on when an observer of outcomes$ throws, and logs it', () => {
    const registry = new JmsListenerEndpointRegistry();
    const error = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const seen: DeliveryOutcome[] = [];
    registry.outcomes$.subscribe(() => {
      throw new Error('of the observer');
    });
    registry.outcomes$.subscribe((outcome) => void seen.push(outcome));
    registry.report({ kind: 'acknowledged' } as DeliveryOutcome);
    expect(seen).toHaveLength(1);
    expect(error.mock.calls).toEqual([['An observer of outcomes$ failed: Error: of the observer', expect.any(String)]]);
    error.mockRestore();
  });

  it('has the id free again of what could not be registered, and keeps a listener that had it before', () => {
    const registry = new JmsListenerEndpointRegistry();
    const forget = vi.fn();
    registry.attach('default', {
      register: ({ id }) => {
        registry.registerListenerContainer(bench(id).container);
        throw new Error('it cannot be announced');
      },
      forget,
    });
    const register = () => registry.registerListener({ id: 'a', destination: 'orders' }, () => undefined);
    expect(register).toThrow('it cannot be announced');
    expect([registry.getListenerContainerIds(), forget.mock.calls.length]).toEqual([[], 1]);
    const { container } = bench('a');
    registry.registerListenerContainer(container);
    expect(register).toThrow("Two listeners have the id 'a'");
    expect(registry.getListenerContainer('a')).toBe(container);
  });

  it('refuses an impossible time to stop in', async () => {
    const registry = new JmsListenerEndpointRegistry();
    registry.registerListenerContainer(bench('a').container);
    await expect(registry.stop('a', -1)).rejects.toThrow(/'a'.*`timeout`/);
    await expect(registry.unregisterListener('a', Number.NaN)).rejects.toThrow(/'a'.*`timeout`/);
    expect(registry.getListenerContainerIds()).toEqual(['a']);
  });

  it('takes an id once, and knows which there are', () => {
    const registry = new JmsListenerEndpointRegistry();
    expect(() => registry.start('a')).toThrow("No listener has the id 'a'; there are no listeners");
    registry.registerListenerContainer(bench('a').container);
    expect(() => registry.registerListenerContainer(bench('a').container)).toThrow(/Two listeners have the id 'a'/);
    expect(registry.getListenerContainerIds()).toEqual(['a']);
  });
});
