import { Injectable, Logger } from '@nestjs/common';
import { type Observable, Subject } from 'rxjs';

import { GuardedObservable } from '../connection/guarded-observable.js';
import { toErrorStack, toErrorText } from '../errors/error-text.js';
import type { SendOptions } from '../message/outgoing-message.js';

/** A message that a broker has confirmed, as the code that sent it saw it. */
export interface SentMessage {
  /** The connection it was sent on; `default` for the one without a name. */
  readonly connection: string;
  /** Where it went, e.g. `queue://orders`; several are separated by commas. */
  readonly destination: string;
  /** What was given to the template, not a copy. */
  readonly payload: unknown;
  /** What was given to the template, the template's defaults excluded. */
  readonly options: SendOptions;
  /** Every header of the SEND frame, as it was written. */
  readonly headers: Readonly<Record<string, string>>;
  readonly idempotencyKey: string;
  /** The broker that confirmed it, without credentials. */
  readonly brokerUri: string;
}

/** What the templates of one application have sent; it costs nothing while nobody listens. */
@Injectable()
export class SentMessages {
  readonly #sent = new Subject<SentMessage>();
  readonly #logger = new Logger(SentMessages.name);

  /** Emits every message when a broker has confirmed it, before its sender is told; sends do not wait for observers, and what they throw is logged. */
  readonly sent$: Observable<SentMessage> = new GuardedObservable(this.#sent, (error) =>
    this.#logger.error(`An observer of sent$ failed: ${toErrorText(error)}`, toErrorStack(error)),
  );

  /** @internal Where templates report; `describe` is called only when somebody listens. */
  report(describe: () => SentMessage): void {
    if (this.#sent.observed) this.#sent.next(describe());
  }
}
