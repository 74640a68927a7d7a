import type { MessageClaim } from '../connection/message-claim.js';
import { ReceiptTimeoutError } from '../errors/index.js';
import type { JmsMessage } from '../message/jms-message.js';
import type { StompFrame } from '../stomp/frame.js';
import { sendBackCopy, type SendBackSettings } from './send-back-copy.js';

/** What a run does with each dead letter. */
export interface DeadLetterAction {
  /** Why it cannot be done; `undefined` when it can. */
  refusal(message: JmsMessage): string | undefined;
  /** Does it, and resolves when the broker has confirmed that. */
  apply(claim: MessageClaim, frame: StompFrame, message: JmsMessage): Promise<void>;
  /** Whether it may have been done although {@link apply} threw this, and the session is open. */
  mayBeDone(error: unknown): boolean;
}

/** Acknowledges it, and nothing is left. */
export const DELETE: DeadLetterAction = {
  refusal: () => undefined,
  apply: (claim, frame) => claim.acknowledge(frame),
  mayBeDone: (error) => error instanceof ReceiptTimeoutError,
};

/** Sends a copy and acknowledges it, in one transaction. */
export function sendBack(settings: SendBackSettings): DeadLetterAction {
  return {
    refusal: (message) => {
      const copy = sendBackCopy(message, settings);
      return 'refusal' in copy ? copy.refusal : undefined;
    },
    apply: async (claim, frame, message) => {
      const copy = sendBackCopy(message, settings);
      if ('refusal' in copy) throw new Error(copy.refusal);
      const transaction = await claim.replace(frame, copy.headers, message.receivedBody);
      await transaction.commit();
    },
    // A transaction whose end is not answered ends its session.
    mayBeDone: () => false,
  };
}
