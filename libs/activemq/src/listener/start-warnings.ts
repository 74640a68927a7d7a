import { BrokerDeadLetterStrategy } from '../delivery/dead-letter/broker-dead-letter-strategy.js';
import { mistakenWildcard, WILDCARDS } from '../delivery/mistaken-wildcard.js';
import { formatDestination, type JmsDestination } from '../message/destination.js';
import { hyphenatedNames } from '../selector/index.js';
import { cureOfHeaderName } from './jms-header-names.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/** Unacknowledged messages of one queue that ActiveMQ sends at most: its `maxPageSize`. */
const MAX_PAGE_SIZE = 200;

/** What works, but hardly as meant: said when a listener is announced. */
export function startWarnings(endpoint: JmsListenerEndpoint): readonly string[] {
  const {
    id,
    methodName,
    isPayloadGuessed,
    destinations,
    selector,
    batch,
    concurrency,
    deadLetter,
    redelivery,
    exclusive,
    headerNames = [],
    hasUnaskedSchema,
  } = endpoint;
  const virtual = destinations.filter(isVirtualTopicQueue);
  const warnings: string[] = [];
  if (virtual.some((queue) => deadLetter(queue) instanceof BrokerDeadLetterStrategy || redelivery(queue).mode === 'broker')) {
    warnings.push(
      'the copies of a virtual topic\'s message share one message id, so ActiveMQ loses the second one that is dead-lettered by NACK; set enableAudit="false" on its dead letter strategy, or use a strategy of this package',
    );
  }
  for (const segment of destinations.map(mistakenWildcard)) {
    if (segment === undefined) continue;
    warnings.push(
      `ActiveMQ takes '${segment}' in its \`destination\` for a name, so that it gets what is sent to that very name; ${WILDCARDS}`,
    );
  }
  if (exclusive && concurrency > 1) {
    warnings.push(`with \`exclusive: true\` messages are handled one at a time; its \`concurrency: ${concurrency}\` has no effect`);
  }
  if (batch && batch.size * concurrency > MAX_PAGE_SIZE) {
    warnings.push(
      `batches for ${batch.size * concurrency} messages at once fill only where the queue's policy has a \`maxPageSize\` of as many; ActiveMQ's default is ${MAX_PAGE_SIZE}`,
    );
  }
  if (isPayloadGuessed) {
    warnings.push(
      `the compiler wrote no types for ${methodName}, so its first parameter gets the payload, also where it is declared as JmsMessage; set \`emitDecoratorMetadata\` in tsconfig.json (tsx and esbuild ignore it), or decorate it with @Payload() or @Message()`,
    );
  }
  if (hasUnaskedSchema) {
    warnings.push(
      `no pipe asks the \`schema\` of a parameter of ${methodName}, so that anything passes; add Nest's StandardSchemaValidationPipe, in the decorator, in @UsePipes() or as a global pipe`,
    );
  }
  const topic = destinations.find(({ type }) => type === 'topic');
  if (exclusive && topic) {
    warnings.push(
      `\`exclusive: true\` is for queues: every subscriber of ${formatDestination(topic)} gets its messages all the same; for one message at a time write \`concurrency: 1\``,
    );
  }
  const passing = destinations.map(redelivery).find(({ mode, nonBlockingRedelivery }) => nonBlockingRedelivery && mode !== 'local');
  if (passing) {
    warnings.push(
      `\`nonBlockingRedelivery: true\` is of \`mode: 'local'\`; in '${passing.mode}' the broker brings messages back, and those behind pass anyway: leave it out`,
    );
  }
  for (const name of headerNames) {
    const cure = cureOfHeaderName(name);
    if (cure !== undefined) warnings.push(`over STOMP no message has a header ${name}, which @Header() asks for: ${cure}`);
  }
  for (const name of selector === undefined ? [] : hyphenatedNames(selector)) {
    const parts = name.split('-');
    warnings.push(
      `its \`selector\` reads ${name} as ${parts.join(' minus ')}, which is true of no message; give the header a name that is a Java identifier, such as ${parts.join('_')}`,
    );
  }
  return warnings.map((warning) => `Listener '${id}': ${warning}`);
}

/** What does not work with the broker that was found. */
export function brokerWarnings({ id, destinations, deadLetter, redelivery }: JmsListenerEndpoint, server = ''): readonly string[] {
  if (!server.startsWith('ActiveMQ-Artemis')) return [];
  const isRejected = destinations.some(
    (destination) => deadLetter(destination) instanceof BrokerDeadLetterStrategy || redelivery(destination).mode === 'broker',
  );
  return isRejected
    ? [
        `Listener '${id}': Artemis drops what is rejected over STOMP; use a dead-letter strategy of this package, and redelivery in another mode`,
      ]
    : [];
}

/** By ActiveMQ's default names: `Consumer.<name>.VirtualTopic.<topic>`. */
function isVirtualTopicQueue({ type, physicalName }: JmsDestination): boolean {
  return type === 'queue' && /^Consumer\.[^.]+\.VirtualTopic\./.test(physicalName);
}
