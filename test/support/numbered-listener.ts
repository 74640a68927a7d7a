import { Injectable, type Type } from '@nestjs/common';
import { JmsListener, type JmsListenerOptions, JmsMessage } from 'nestjs-activemq';

/** What chaos tests send: a number. */
interface Numbered {
  readonly n: number;
}

/** What a listener made by {@link numberedListener} did. */
export interface HandledNumbers {
  /** How often each number was handled. */
  readonly handled: ReadonlyMap<number, number>;
  /** Ids of messages that were handled more than once; a send repeated after a lost receipt is a message of its own. */
  readonly handledTwice: readonly string[];
}

/** A listener class that notes the numbers it handles; `work` is what handling one takes. */
export function numberedListener(
  options: JmsListenerOptions,
  work: (n: number) => Promise<void> | void = () => undefined,
): Type<HandledNumbers> {
  @Injectable()
  class NumberedListener implements HandledNumbers {
    readonly handled = new Map<number, number>();
    readonly handledTwice: string[] = [];
    readonly #ids = new Set<string>();

    @JmsListener({ id: options.destination, ...options })
    async onNumber(message: JmsMessage<Numbered>): Promise<void> {
      const { n } = message.payload;
      await work(n);
      const before = this.handled.get(n) ?? 0;
      if (this.#ids.has(message.messageId)) this.handledTwice.push(message.messageId);
      this.#ids.add(message.messageId);
      this.handled.set(n, before + 1);
    }
  }
  return NumberedListener;
}

/** The numbers that were handled more than once. */
export function duplicatesOf({ handled }: HandledNumbers): readonly number[] {
  return [...handled].filter(([, times]) => times > 1).map(([n]) => n);
}
