import type { INestApplicationContext } from '@nestjs/common';
import { JmsListenerEndpointRegistry } from 'nestjs-activemq';

import { ConsumerProcess, type HandledObserver } from './consumer-process.js';
import { DEMO_LISTENER_ID } from './demo.listener.js';

/** Whoever consumes in a run. */
export interface DemoConsumer {
  readonly deadLettered: number;
  stop(): Promise<void>;
}

/** The listener beside the producer, in the same application; stopped with it. */
export function localConsumer(application: INestApplicationContext): DemoConsumer {
  const registry = application.get(JmsListenerEndpointRegistry);
  return {
    get deadLettered() {
      return registry.getListenerContainer(DEMO_LISTENER_ID)?.counts.deadLettered ?? 0;
    },
    stop: () => registry.stop(DEMO_LISTENER_ID),
  };
}

/** A consumer in a process of its own that can be killed and started again. */
export class KillableConsumer implements DemoConsumer {
  #deadLetteredBefore = 0;

  private constructor(
    private current: ConsumerProcess,
    private readonly queue: string,
    private readonly onHandled: HandledObserver,
  ) {}

  /** Resolves when it is subscribed. */
  static async start(queue: string, onHandled: HandledObserver): Promise<KillableConsumer> {
    return new KillableConsumer(await ConsumerProcess.start(queue, onHandled), queue, onHandled);
  }

  get deadLettered(): number {
    return this.#deadLetteredBefore + this.current.deadLettered;
  }

  /** `kill -9`; resolves with the moment of it, in ms since 1970, once all its reports were read. */
  async kill(): Promise<number> {
    const at = await this.current.kill();
    this.#deadLetteredBefore += this.current.deadLettered;
    return at;
  }

  /** Starts the next process; resolves when it is subscribed. */
  async restart(): Promise<void> {
    this.current = await ConsumerProcess.start(this.queue, this.onHandled);
  }

  stop(): Promise<void> {
    return this.current.stop();
  }
}
