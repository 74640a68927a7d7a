import { Inject, Injectable } from '@nestjs/common';
import { JmsMessagingTemplate } from 'nestjs-activemq';

import { demoText } from './demo-protocol.js';

/** Token of the queue's name. */
export const DEMO_QUEUE = 'sample:demo-queue';

/** The producer of the demo. */
@Injectable()
export class DemoProducer {
  constructor(
    private readonly jms: JmsMessagingTemplate,
    @Inject(DEMO_QUEUE) private readonly queue: string,
  ) {}

  /** Resolves when the broker has stored the message, through a failover if need be. */
  async send(number: number): Promise<void> {
    await this.jms.convertAndSend(this.queue, demoText(number));
  }
}
