import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import type { JmsListenerContainer } from '../listener/jms-listener-container.js';
import { isDeadLetterQueue } from '../delivery/dead-letter-queue.js';
import { nearest } from '../stomp/broker-uri-query.js';
import { describeListeners, retryingOutcomes } from './describe-activity.js';
import type { TestBroker } from './test-broker.js';
import type { TestBrokers } from './test-brokers.js';
import type { WatchedTimers } from './watched-timers.js';

/** What may explain that nothing happens. */
export interface HarnessState {
  readonly containers: readonly JmsListenerContainer[];
  readonly brokers: TestBrokers;
  readonly outcomes: readonly DeliveryOutcome[];
  /** `undefined` on the computer's clock. */
  readonly timers: WatchedTimers | undefined;
}

/** Who listens, and what each message that has not come to its end waits for. */
export function describeState({ containers, brokers, outcomes, timers }: HarnessState): string {
  const dead = brokers.dead.map((name) => `The broker of '${name}' is dead`);
  const retrying = retryingOutcomes(outcomes);
  const idle = containers.filter(({ id }) => !retrying.some(({ listenerId }) => listenerId === id));
  const alive = brokers.all.filter(({ running }) => running);
  return [
    describeListeners(containers),
    ...dead,
    ...idle.flatMap((container) => describeUnsettled(container, timers?.next)),
    ...alive.flatMap((broker) => [...describeDeserted(broker, containers), ...describeScheduled(broker, timers)]),
    ...(timers ? describeDue(retrying) : []),
  ].join('. ');
}

function describeUnsettled({ id, activeHandlers, unsettledMessages }: JmsListenerContainer, next: number | undefined): readonly string[] {
  if (activeHandlers > 0) return [`A handler of ${id} still runs`];
  if (unsettledMessages === 0) return [];
  const isOne = unsettledMessages === 1;
  const has = `${id} has ${isOne ? 'a message that is' : `${unsettledMessages} messages that are`} not settled`;
  if (next !== undefined) return [`${has}: the rest of a batch is waited for: harness.clock.advance(${next})`];
  return [`${has}, and no handler runs: with \`ackMode: 'manual'\` acknowledge(), recover() or reject() ${isOne ? 'it' : 'them'}`];
}

/** Queues where messages lie and nobody listens: the name may be misspelt. */
function describeDeserted(broker: TestBroker, containers: readonly JmsListenerContainer[]): readonly string[] {
  const listened = containers.map(({ destination }) => destination.replace(/^queue:\/\//, ''));
  return broker
    .queueNames()
    .filter((name) => !isDeadLetterQueue(`queue://${name}`) && broker.queue(name).consumerCount === 0 && broker.queue(name).depth > 0)
    .map((name) => {
      const near = nearest(name, listened);
      return `Nobody listens on queue://${name}, where ${broker.queue(name).depth} lie${near ? `; did you mean ${near}?` : ''}`;
    });
}

function describeScheduled({ scheduledCount, nextScheduled }: TestBroker, timers: WatchedTimers | undefined): readonly string[] {
  if (scheduledCount === 0) return [];
  const cure = timers ? `: harness.clock.advance(${nextScheduled})` : '';
  return [`${scheduledCount} wait in the broker's scheduler, the first for ${nextScheduled} ms${cure}`];
}

function describeDue(retrying: readonly DeliveryOutcome[]): readonly string[] {
  const delays = retrying.flatMap(({ delay }) => delay ?? []);
  return delays.length === 0 ? [] : [`Time stands still and a redelivery is due: harness.clock.advance(${Math.max(...delays)})`];
}
