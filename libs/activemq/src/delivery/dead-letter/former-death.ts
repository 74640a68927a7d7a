import { MESSAGE_HEADERS } from '../../message/message-headers.js';
import type { OutgoingHeaders } from '../../stomp/stomp-session.js';

/**
 * Takes from a copy what its message tells of the death that it came back from: the copy begins a new life. `originalMessageId` stays, for those
 * who follow a message through its lives.
 */
export const WITHOUT_FORMER_DEATH: OutgoingHeaders = {
  [MESSAGE_HEADERS.deadLetterReason]: undefined,
  [MESSAGE_HEADERS.deadLetterErrorClass]: undefined,
  [MESSAGE_HEADERS.deadLetterErrorMessage]: undefined,
  [MESSAGE_HEADERS.deliveryCount]: undefined,
  [MESSAGE_HEADERS.firstFailedAt]: undefined,
  [MESSAGE_HEADERS.lastFailedAt]: undefined,
  [MESSAGE_HEADERS.originalDestination]: undefined,
  [MESSAGE_HEADERS.listenerId]: undefined,
  [MESSAGE_HEADERS.application]: undefined,
};
