import type { SessionTransaction } from '../connection/session-transaction.js';
import type { CrashLoopGuard } from '../delivery/crash-loop-guard.js';
import type { DeliveryMemory } from '../delivery/delivery-memory.js';
import type { SlotEnd } from '../delivery/slot-end.js';
import { toLogText } from '../errors/error-text.js';
import { FailureDecider } from '../delivery/failure-decision.js';
import type { InFlightMessage } from '../delivery/in-flight-message.js';
import { Settlement } from '../delivery/settlement.js';
import type { SettlementReport } from '../delivery/settlement-report.js';
import { formatDestination, isPattern, parseDestinations, toStompDestination } from '../message/destination.js';
import { JmsMessage } from '../message/jms-message.js';
import { convertPayload } from './batch-options.js';
import type { PlannedChannel } from './channel-plan.js';
import type { JmsListenerContainerParts } from './jms-listener-container-parts.js';
import { ListenerChannel } from './listener-channel.js';
import { subscribedTogether, subscribeHeaders } from './subscribe-headers.js';

/** ms that a copy for the broker's scheduler may take to be confirmed, failovers included; after that its message waits here. */
const SCHEDULED_COPY_TIMEOUT = 30_000;

/** What the channels of one listener share, and whom they tell. */
export interface ListenerChannelHooks {
  readonly report: SettlementReport;
  readonly memory: DeliveryMemory;
  /** Says which messages must not be handled. */
  readonly guard: CrashLoopGuard | undefined;
  readonly onSubscribed: (brokerUri: string) => void;
  readonly onRefused: (error: Error) => void;
  readonly onSlotEnd: (end: SlotEnd) => void;
}

/** Makes the channels of one listener: they share what is remembered of its messages. */
export function channelFactory(
  parts: JmsListenerContainerParts,
  { report, memory, guard, onSubscribed, onRefused, onSlotEnd }: ListenerChannelHooks,
): (plan: PlannedChannel) => ListenerChannel {
  const { endpoint, connection, converter, logger } = parts;
  const onSharedId = sharedIdWarning(parts);
  const process = {
    listenerId: endpoint.id,
    handler: parts.handler,
    ackMode: endpoint.ackMode,
    redelivery: endpoint.redelivery,
    decider: new FailureDecider(logger, parts.errorHandler),
    settlement: settlementOf(parts, report),
    memory,
    gate: parts.gate,
    whyUnfit: guard && ((inFlight: InFlightMessage) => guard.whyUnfit(inFlight)),
    reply: parts.reply,
    timers: parts.timers,
    inTransaction: <T>(transaction: SessionTransaction | undefined, work: () => Promise<T>) =>
      connection.runInTransaction(transaction, work),
  };
  return ({ ack, concurrency, prefetch }) =>
    new ListenerChannel({
      listenerId: endpoint.id,
      connection,
      logger,
      ack,
      subscriptions: subscribedTogether(endpoint).map((destinations) => ({
        headers: subscribeHeaders(endpoint, ack, destinations),
        isPattern: isPattern(destinations),
      })),
      prefetch,
      concurrency,
      batch: endpoint.batch && { ...endpoint.batch, prepare: endpoint.takesPayloads ? convertPayload : () => undefined },
      toMessage: (frame) => new JmsMessage(frame, { convert: (message) => converter.fromMessage(message) }),
      process,
      onSubscribed,
      onRefused,
      onSharedId,
      onSlotEnd,
    });
}

/** Says once for the whole listener that acknowledgements get lost. */
function sharedIdWarning({ endpoint: { id }, logger }: JmsListenerContainerParts): (destination: string, other: string) => void {
  let isSaid = false;
  return (destination, other) => {
    if (isSaid) return;
    isSaid = true;
    const [one, two] = [other, destination].map((text) => parseDestinations(toLogText(text)).map(formatDestination).join(','));
    logger.warn(
      `Listener '${id}': ${one} and ${two} hold copies of one message, with one message id, and ActiveMQ takes the acknowledgement of one for the other's: one of them stays unacknowledged and comes again; set \`prefetch: 1\` and \`concurrency: 1\`, or write a @JmsListener for each queue`,
    );
  };
}

function settlementOf({ endpoint, connection }: JmsListenerContainerParts, report: SettlementReport): Settlement {
  return new Settlement({
    listenerId: endpoint.id,
    deadLetterStrategy: endpoint.deadLetter,
    subscriber: endpoint.subscriber,
    application: endpoint.application,
    // Of no transaction: the message is acknowledged only when its copy is stored.
    send: (headers, body) => connection.runInTransaction(undefined, () => connection.send(headers, body, SCHEDULED_COPY_TIMEOUT)),
    browse: (queue, settings) => connection.browse(toStompDestination([queue]), settings),
    report,
  });
}
