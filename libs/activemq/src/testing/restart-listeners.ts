import type { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';

/**
 * Stops the listeners that run, calls `whileStopped`, and subscribes them again.
 *
 * @param timeout ms for handlers that run, and for the subscriptions
 */
export async function restartListeners(registry: JmsListenerEndpointRegistry, timeout: number, whileStopped: () => void): Promise<void> {
  const running = registry.getListenerContainers().filter(({ state }) => state !== 'stopped');
  await Promise.all(running.map((container) => container.stop(timeout)));
  whileStopped();
  for (const container of running) container.start();
  await Promise.all(running.map((container) => container.whenSubscribed(AbortSignal.timeout(timeout))));
}
