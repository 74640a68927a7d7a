import { ConfigurationError } from '../errors/index.js';
import { SharedDeadLetterStrategy } from '../delivery/dead-letter/shared-dead-letter-strategy.js';
import type { DeadLetterStrategy } from '../delivery/dead-letter/dead-letter-strategy.js';
import { type DeadLetterStrategyMap, deadLetterStrategyLookup } from '../delivery/dead-letter/dead-letter-strategy-map.js';
import type { ErrorHandlerOption } from '../delivery/error-handler.js';
import type { RedeliveryPolicy } from '../delivery/redelivery-policy.js';
import { type RedeliveryPolicyMap, redeliveryPolicyLookup } from '../delivery/redelivery-policy-map.js';
import { type JmsDestination, parseDestinations, parseTargets } from '../message/destination.js';
import {
  assertBoolean,
  assertInteger,
  assertKnownOptions,
  assertMethods,
  assertOneOf,
  assertText,
  givenOptions,
} from '../validation/index.js';
import {
  HANDLER_PARAMETER,
  hasGuessedParameter,
  hasParameter,
  headerNamesOf,
  readParameters,
  unfilledParameters,
} from './handler-parameters.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';
import {
  JMS_LISTENER_OPTION_NAMES,
  type JmsListenerOptions,
  LISTENER_DEFAULT_NAMES,
  type ListenerDefaults,
} from './jms-listener-options.js';
import type { ListenerSource } from './jms-listener.explorer.js';
import { replyQosSettings } from './reply-qos-settings.js';
import { readSendTo, type ReplyDestination } from './send-to.decorator.js';
import { assertSubscriptionPerSlot, MOST_CONCURRENT } from './resized-endpoint.js';
import { assertNoDeadLetterLoop } from './dead-letter-loop.js';
import { assertSelector } from './listener-selector.js';
import { assertBatchable, resolveBatch } from './batch-options.js';
import { LARGEST_PREFETCH, prefetchFor } from './prefetch.js';
import { type PlaceholderResolver, resolvePlaceholders } from './placeholders.js';
import { assertTopicFates, localOnTopics } from './topic-fates.js';

/** What a module says about all its listeners. */
export interface ListenerSettings {
  readonly connection: string;
  readonly clientId?: string;
  readonly pubSubDomain: boolean;
  readonly defaults: ListenerDefaults;
  readonly overrides: Readonly<Record<string, Partial<JmsListenerOptions>>>;
  readonly redelivery: RedeliveryPolicy | RedeliveryPolicyMap;
  readonly deadLetter: DeadLetterStrategy | DeadLetterStrategyMap;
  /** Name of the application, for dead letters. */
  readonly application?: string;
  readonly placeholders?: PlaceholderResolver;
}

const DEFAULT_CONCURRENCY = 1;

/** Spring's attributes of which there is no counterpart. */
const CURES = {
  containerFactory:
    '`connection`, the `name` of another connection, or what the factory sets: here, or for all listeners as `listener` of ActiveMqModule.forRoot()',
};

/** Checks what a module says about all its listeners; done at start-up, whether it has listeners or not. */
export function assertListenerDefaults(where: string, defaults: ListenerDefaults): void {
  assertKnownOptions(where, defaults, LISTENER_DEFAULT_NAMES);
  resolveBehaviour(where, defaults, { redelivery: [defaults.redelivery], deadLetter: new SharedDeadLetterStrategy() }, (text) => text);
}

/** The id of a listener: its own, or `Class.method`, numbered when a method is decorated more than once. */
export function listenerId(
  { options, className, methodName, ordinal }: ListenerSource,
  placeholders: PlaceholderResolver | undefined,
): string {
  const method = `${className}.${methodName}`;
  if (options.id !== undefined) assertText(`@JmsListener on ${method}`, 'id', options.id);
  if (options.id !== undefined) return resolvePlaceholders(`id of @JmsListener on ${method}`, options.id, placeholders);
  return ordinal === 0 ? method : `${method}#${ordinal + 1}`;
}

/**
 * Turns what was written into a complete endpoint: placeholders, the module's overrides and defaults, checks.
 *
 * @throws ConfigurationError naming the listener, the option and the cure
 */
export function resolveEndpoint(definition: ListenerSource, settings: ListenerSettings): JmsListenerEndpoint {
  const id = listenerId(definition, settings.placeholders);
  const methodName = `${definition.className}.${definition.methodName}`;
  const where = `Listener '${id}' (${methodName})`;
  const override = overrideOf(id, settings.overrides);
  assertKnownOptions(where, definition.options, JMS_LISTENER_OPTION_NAMES, CURES);
  const sendTo = readSendTo(definition.prototype, definition.methodName);
  const options = merge(settings.defaults, { sendTo }, definition.options, override);
  const text = (value: string) => resolvePlaceholders(where, value, settings.placeholders);

  assertText(where, 'destination', options.destination);
  const destinations = readDestinations(where, text(options.destination), settings.pubSubDomain);
  const redelivery = [settings, settings.defaults, definition.options, override].map((layer) => layer.redelivery);
  const behaviour = resolveBehaviour(where, options, { redelivery, deadLetter: settings.deadLetter }, text);
  if (options.selector !== undefined) assertText(where, 'selector', options.selector);
  const selector = options.selector === undefined ? undefined : text(options.selector);
  if (selector !== undefined) assertSelector(where, selector);
  assertSubscription(where, options, destinations, settings.clientId);
  assertParameters(where, definition, behaviour.ackMode);
  assertMethods(where, 'messageConverter', options.messageConverter, ['toMessage', 'fromMessage']);
  const subscription = options.subscription === undefined ? undefined : text(options.subscription);
  const batch = resolveBatch(where, options.batch);
  const endpoint: JmsListenerEndpoint = {
    id,
    methodName,
    connection: settings.connection,
    destinations,
    selector,
    subscription,
    subscriber:
      subscription === undefined || settings.clientId === undefined
        ? undefined
        : { clientId: settings.clientId, subscriptionName: subscription },
    application: settings.application,
    exclusive: flag(where, 'exclusive', options.exclusive ?? false),
    priority: integer(where, 'priority', options.priority ?? 0, 0, 127),
    sendTo: replyDestination(where, options.sendTo, text, settings.pubSubDomain),
    messageConverter: options.messageConverter,
    batch,
    takesPayloads: takesPayloads(definition),
    headerNames: headerNamesOf(definition.prototype, definition.methodName),
    isPayloadGuessed: hasGuessedParameter(definition.prototype, definition.methodName),
    ...behaviour,
    redelivery: localOnTopics(behaviour.redelivery),
    prefetch: prefetchFor(behaviour.concurrency, { prefetch: options.prefetch, batchSize: batch?.size }),
  };
  if (batch) assertBatchable(where, endpoint);
  assertTopicFates(where, { destinations, ...behaviour }, subscription !== undefined);
  assertCanBeSettled(where, endpoint);
  assertNoDeadLetterLoop(where, endpoint);
  return endpoint;
}

/** Refuses what no settlement could carry out. */
function assertCanBeSettled(where: string, { destinations, ackMode, concurrency, redelivery }: JmsListenerEndpoint): void {
  assertSubscriptionPerSlot(where, { ackMode, concurrency, destinations });
  if (ackMode === 'transacted' && destinations.map(redelivery).some(({ nonBlockingRedelivery }) => nonBlockingRedelivery)) {
    throw new ConfigurationError(
      `${where}: \`nonBlockingRedelivery\` does not go with \`ackMode: 'transacted'\`, which settles messages in their order; use \`mode: 'scheduled'\``,
    );
  }
}

function resolveBehaviour(
  where: string,
  options: ListenerDefaults,
  module: { readonly redelivery: readonly ListenerDefaults['redelivery'][]; readonly deadLetter: ListenerSettings['deadLetter'] },
  text: (value: string) => string,
) {
  const concurrency = upperConcurrency(where, options.concurrency ?? DEFAULT_CONCURRENCY, text);
  if (options.prefetch !== undefined) integer(where, 'prefetch', options.prefetch, 1, LARGEST_PREFETCH);
  if (options.prefetch !== undefined && options.prefetch < concurrency) {
    throw new ConfigurationError(
      `${where}: \`prefetch\` ${options.prefetch} is below \`concurrency\` ${concurrency}: some slots would never get a message`,
    );
  }
  const ackMode = options.ackMode ?? 'auto';
  assertOneOf(where, 'ackMode', ackMode, ['auto', 'manual', 'transacted']);
  assertErrorHandler(where, options.errorHandler);
  return {
    concurrency,
    givenPrefetch: options.prefetch,
    ackMode,
    autoStartup: flag(where, 'autoStartup', options.autoStartup ?? true),
    replyQosSettings: replyQosSettings(where, options.replyQosSettings ?? {}),
    errorReplies: flag(where, 'errorReplies', options.errorReplies ?? false),
    redelivery: redeliveryPolicyLookup(`\`redelivery\` of ${where}`, ...module.redelivery),
    deadLetter: deadLetterStrategyLookup(`\`deadLetter\` of ${where}`, options.deadLetter ?? module.deadLetter),
    errorHandler: options.errorHandler,
  };
}

/** Later ones win; an option that is `undefined` says nothing. */
function merge(defaults: ListenerDefaults, ...layers: readonly Partial<JmsListenerOptions>[]): JmsListenerOptions {
  const merged: Record<string, unknown> = { ...defaults };
  for (const layer of layers) {
    Object.assign(merged, givenOptions(layer));
  }
  return merged as unknown as JmsListenerOptions;
}

/** An error of the parser, with the listener's name. */
function readDestinations(where: string, text: string, pubSubDomain: boolean): readonly JmsDestination[] {
  try {
    return parseDestinations(text, pubSubDomain);
  } catch (cause) {
    throw new ConfigurationError(`${where}: \`destination\`: ${(cause as Error).message}`, { cause });
  }
}

/** What the module's `listeners` says of one listener. */
function overrideOf(id: string, overrides: ListenerSettings['overrides']): Partial<JmsListenerOptions> {
  const override = Object.hasOwn(overrides, id) ? overrides[id] : undefined;
  if (override === undefined) return {};
  const where = `\`listeners\` of listener '${id}'`;
  assertKnownOptions(where, override, JMS_LISTENER_OPTION_NAMES, CURES);
  const fixed = (['id', 'connection'] as const).find((name) => override[name] !== undefined);
  if (fixed) throw new ConfigurationError(`${where}: \`${fixed}\` cannot be overridden; it belongs into @JmsListener`);
  return override;
}

function upperConcurrency(where: string, concurrency: number | string, text: (value: string) => string): number {
  if (typeof concurrency === 'number') return integer(where, 'concurrency', concurrency, 1, MOST_CONCURRENT);
  assertText(where, 'concurrency', concurrency);
  const match = /^\s*(?:(\d{1,5})\s*-\s*)?(\d{1,5})\s*$/.exec(text(concurrency));
  const upper = match ? Number(match[2]) : 0;
  const lower = match?.[1] === undefined ? upper : Number(match[1]);
  if (!match || lower > upper || (lower === 0 && upper > 0)) {
    throw new ConfigurationError(
      `${where}: \`concurrency\` is ${JSON.stringify(concurrency)}; write a number, or "lower-upper" as in "3-10"`,
    );
  }
  return integer(where, 'concurrency', upper, 1, MOST_CONCURRENT);
}

/** The text of a destination, checked; a function is asked for each result. */
function replyDestination(
  where: string,
  given: ReplyDestination | undefined,
  text: (value: string) => string,
  pubSubDomain: boolean,
): ReplyDestination | undefined {
  if (given === undefined || typeof given === 'function') return given;
  assertText(`${where}: @SendTo`, 'sendTo', given);
  const destination = text(given);
  readDestinations(`${where}: @SendTo`, destination, pubSubDomain);
  parseTargets(`${where}: @SendTo`, destination, pubSubDomain);
  return destination;
}

function assertSubscription(
  where: string,
  options: JmsListenerOptions,
  destinations: readonly JmsDestination[],
  clientId: string | undefined,
): void {
  if (options.subscription === undefined) return;
  assertText(where, 'subscription', options.subscription);
  if (destinations.some(({ type }) => type !== 'topic')) {
    throw new ConfigurationError(`${where}: a durable \`subscription\` needs topics; write the destination as topic://name`);
  }
  if (clientId === undefined) {
    throw new ConfigurationError(
      `${where}: a durable \`subscription\` needs \`clientId\` in the connection's options: without one it is lost at the next reconnect`,
    );
  }
}

/** A function gets whole messages, and most likely wants their payloads. */
function takesPayloads({ prototype, methodName }: ListenerSource): boolean {
  const parameters = Object.keys(readParameters(prototype, methodName));
  return parameters.length === 0 || hasParameter(prototype, methodName, HANDLER_PARAMETER.PAYLOAD);
}

function assertParameters(where: string, { prototype, methodName }: ListenerSource, ackMode: string): void {
  const [unfilled] = unfilledParameters(prototype, methodName);
  if (unfilled !== undefined) {
    throw new ConfigurationError(
      `${where}: nothing fills parameter ${unfilled + 1} of the method (the first is 1); decorate it with @Payload(), @Header(name), @Headers(), @Message() or @Acknowledgment()`,
    );
  }
  if (ackMode !== 'manual' && hasParameter(prototype, methodName, HANDLER_PARAMETER.ACKNOWLEDGMENT)) {
    throw new ConfigurationError(
      `${where}: an acknowledgment parameter needs \`ackMode: 'manual'\`; in '${ackMode}' mode the message is acknowledged when the method succeeds`,
    );
  }
}

function assertErrorHandler(where: string, handler: ErrorHandlerOption | undefined): void {
  if (handler === undefined || typeof handler === 'function') return;
  if (typeof handler === 'object' && handler !== null && typeof handler.handleError === 'function') return;
  throw new ConfigurationError(
    `${where}: \`errorHandler\` must be a function, an object with a method handleError(), or the class of a provider that has one`,
  );
}

function integer(where: string, name: string, value: unknown, min: number, max: number): number {
  assertInteger(where, name, value, { min, max });
  return value;
}

function flag(where: string, name: string, value: unknown): boolean {
  assertBoolean(where, name, value);
  return value;
}
