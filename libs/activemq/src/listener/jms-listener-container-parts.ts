import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { ConnectionLogger } from '../connection/connection-settings.js';
import type { AttemptGate } from '../delivery/attempt-gate.js';
import type { DeliveryOutcome } from '../delivery/delivery-outcome.js';
import type { DeliveryTimers } from '../delivery/delivery-timers.js';
import type { ErrorHandlerFunction } from '../delivery/error-handler.js';
import type { MessageHandler } from '../delivery/handler-run.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { MessageConverter } from '../message/message-converter.js';
import type { JmsListenerEndpoint } from './jms-listener-endpoint.js';

/** What a `JmsListenerContainer` works with. */
export interface JmsListenerContainerParts {
  readonly endpoint: JmsListenerEndpoint;
  readonly connection: ActiveMqConnection;
  readonly converter: MessageConverter;
  readonly handler: MessageHandler;
  readonly logger: ConnectionLogger;
  /** ms that a stop waits for handlers when nothing else is said; default 30 000. */
  readonly shutdownTimeout?: number;
  /** Asked about each failed attempt. */
  readonly errorHandler?: ErrorHandlerFunction;
  /** Asked before each attempt. */
  readonly gate?: AttemptGate;
  /** Sends what a handler returned to where it is to go. */
  readonly reply?: (message: JmsMessage, result: unknown) => Promise<void>;
  /** What redelivery delays are waited with; default the computer's. */
  readonly timers?: DeliveryTimers;
  /** Told what became of each delivery. */
  readonly onOutcome?: (outcome: DeliveryOutcome) => void;
}
