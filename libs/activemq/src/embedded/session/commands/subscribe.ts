import type { StompFrame, StompHeaders } from '../../../stomp/frame.js';
import { Refusal } from '../../broker/refusal.js';
import { subscribe } from '../../broker/subscribing.js';
import type { ConsumerOptions } from '../../destination/delivery.js';
import { isQueue, type DestinationName } from '../../destination/destination-name.js';
import { parseSelector, SelectorSyntaxError, type Selector } from '../../../selector/index.js';
import { assertAuthorized } from '../authorize.js';
import { assertConnected, confirm } from '../confirm.js';
import { destinationOf } from '../incoming-message.js';
import type { StompSession } from '../stomp-session.js';
import { StompSubscription, type AckMode } from '../stomp-subscription.js';

/** ActiveMQ's prefetch by kind of subscription. */
const PREFETCH = { queue: 1000, browser: 500, durable: 100, topic: 32_767 };

/** SUBSCRIBE: registered first, confirmed then, and only then served. */
export function onSubscribe(session: StompSession, { headers }: StompFrame): void {
  assertConnected(session);
  const { state, broker } = session;
  const id = headers['id'];
  if (id === undefined && session.version !== '1.0') throw new Refusal('SUBSCRIBE received without a subscription id!');
  if (!headers['destination']) throw new Refusal("Invalid empty or 'null' Destination header");
  const destination = destinationOf(headers['destination'], (name, topic) => state.temporary(name, topic));
  const browser = headers['browser'] === 'true';
  if (browser && session.version === '1.0') throw new Refusal('Queue Browser feature only valid for Stomp v1.1+ clients!');
  const subscriptionName = headers['activemq.subscriptionName'];
  if (isQueue(destination) && subscriptionName !== undefined) {
    throw new Refusal('Invalid Subscription: cannot durably subscribe to a Queue destination!');
  }
  if (state.allSubscriptions.size >= broker.settings.limits.maxSubscriptions) {
    throw new Refusal(`This connection has its limit of ${state.allSubscriptions.size} subscriptions`, {
      javaClass: 'javax.jms.ResourceAllocationException',
    });
  }
  const subscription = new StompSubscription(id, destination, ackModeOf(headers), headers['transformation'], state);
  // Known from here on, even when the broker refuses it: an UNSUBSCRIBE then gets its own refusal.
  state.allSubscriptions.add(subscription);
  if (id !== undefined) state.subscriptions.set(id, subscription);
  assertAuthorized(session, 'read', destination);
  const selector = selectorOf(headers['selector']);
  const options = optionsOf(headers, destination, browser, state.connectionId, selector);
  const request = { destination, browser, clientId: state.clientId, subscriptionName, selectorText: headers['selector'] };
  subscription.consumer = subscribe(broker, request, options, subscription);
  confirm(session, headers);
  subscription.consumer.activate(headers['receipt'] !== undefined);
}

function ackModeOf(headers: StompHeaders): AckMode {
  const mode = headers['ack'];
  return mode === 'client' || mode === 'client-individual' ? mode : 'auto';
}

function selectorOf(text: string | undefined): Selector | undefined {
  if (text === undefined) return undefined;
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof SelectorSyntaxError) throw new Refusal(text, { javaClass: 'javax.jms.InvalidSelectorException' });
    throw error;
  }
}

function optionsOf(
  headers: StompHeaders,
  destination: DestinationName,
  browser: boolean,
  connectionId: string,
  selector: Selector | undefined,
): ConsumerOptions {
  const durable = headers['activemq.subscriptionName'] !== undefined;
  const usual = isQueue(destination) ? (browser ? PREFETCH.browser : PREFETCH.queue) : durable ? PREFETCH.durable : PREFETCH.topic;
  return {
    connectionId,
    prefetch: integer(headers['activemq.prefetchSize'], usual),
    priority: integer(headers['activemq.priority'], 0),
    exclusive: headers['activemq.exclusive'] === 'true',
    noLocal: headers['activemq.noLocal'] === 'true',
    selector,
  };
}

/** What is no number is ignored, as in ActiveMQ. */
function integer(text: string | undefined, fallback: number): number {
  return text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : fallback;
}
