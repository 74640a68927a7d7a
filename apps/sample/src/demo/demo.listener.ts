import { Inject, Injectable } from '@nestjs/common';
import { JmsListener, NonRetryableError } from 'nestjs-activemq';

import { demoNumber } from './demo-protocol.js';

/** The listener's id in the registry. */
export const DEMO_LISTENER_ID = 'demo';

/** Token of the {@link HandledSink}. */
export const HANDLED_SINK = 'sample:demo-handled-sink';

/** Takes note that a message was handled; the message is acknowledged only after that. */
export type HandledSink = (number: number) => void | Promise<void>;

/** The consumer of the demo. */
@Injectable()
export class DemoListener {
  constructor(@Inject(HANDLED_SINK) private readonly sink: HandledSink) {}

  @JmsListener({ id: DEMO_LISTENER_ID, destination: '${demo.queue}', prefetch: 100 })
  async onMessage(text: string): Promise<void> {
    const number = demoNumber(text);
    if (number === undefined) throw new NonRetryableError('the message is none of the demo');
    await this.sink(number);
  }
}
