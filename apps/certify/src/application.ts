import 'reflect-metadata';

import { type DynamicModule, type INestApplicationContext, Inject, Injectable, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ActiveMqConnection,
  ActiveMqModule,
  getActiveMqConnectionToken,
  getJmsTemplateToken,
  JmsListener,
  JmsListenerEndpointRegistry,
  type JmsMessage,
  type JmsMessagingTemplate,
  Message,
} from 'nestjs-activemq';

import { type ClientName, type ClientUrls, preferredOf } from './client-urls.js';

/** Told of each message that a listener handles: its idempotency key, and which listener it was. */
type OnHandled = (key: string, listener: ListenerId) => void;

/** The listeners, each on the connection of its name. */
export type ListenerId = Exclude<ClientName, 'producer'>;

const ON_HANDLED = 'certify:on-handled';
/** ms between two signs of life: a broker that is silent for 2.5 of them is dead. */
const HEARTBEAT = 2_000;
/** ms after which a send has failed, and is repeated by the load. */
const SEND_TIMEOUT = 30_000;
/** ms the application may take to find its brokers and subscribe. */
const READY_TIMEOUT = 60_000;
const CONNECTIONS: readonly ClientName[] = ['producer', 'first', 'second'];
const QUEUE_KEY = 'certify.queue';

@Injectable()
class CertifyListeners {
  constructor(@Inject(ON_HANDLED) private readonly onHandled: OnHandled) {}

  @JmsListener({ id: 'first', destination: `\${${QUEUE_KEY}}`, connection: 'first', concurrency: 2 })
  first(@Message() message: JmsMessage): void {
    this.onHandled(message.idempotencyKey ?? '', 'first');
  }

  @JmsListener({ id: 'second', destination: `\${${QUEUE_KEY}}`, connection: 'second', concurrency: 2 })
  second(@Message() message: JmsMessage): void {
    this.onHandled(message.idempotencyKey ?? '', 'second');
  }
}

@Module({})
class CertifyModule {
  static on(urls: ClientUrls, queue: string, onHandled: OnHandled, logger: LoggerService): DynamicModule {
    const placeholders = (key: string) => (key === QUEUE_KEY ? queue : undefined);
    const heartbeat = { outgoing: HEARTBEAT, incoming: HEARTBEAT };
    const common = { placeholders, heartbeat, logger, template: { sendTimeout: SEND_TIMEOUT }, shutdownTimeout: 10_000 };
    return {
      module: CertifyModule,
      imports: CONNECTIONS.map((name) => ActiveMqModule.forRoot({ ...common, name, brokerUrl: urls[name] })),
      providers: [CertifyListeners, { provide: ON_HANDLED, useValue: onHandled }],
    };
  }
}

/** What the application is made of. */
export interface CertifyApplicationOptions {
  readonly urls: ClientUrls;
  readonly queue: string;
  readonly onHandled: OnHandled;
  /** Takes what the framework logs. */
  readonly logger: LoggerService;
}

/** A Nest application with a producer and two listeners on one queue, each on a connection of its own. */
export class CertifyApplication {
  readonly #context: INestApplicationContext;
  readonly #urls: ClientUrls;
  readonly #queue: string;
  readonly #template: JmsMessagingTemplate;

  private constructor(context: INestApplicationContext, { urls, queue }: CertifyApplicationOptions) {
    this.#context = context;
    this.#urls = urls;
    this.#queue = queue;
    this.#template = context.get<JmsMessagingTemplate>(getJmsTemplateToken('producer'));
  }

  /**
   * Resolves once it is connected and subscribed.
   *
   * @throws Error when it is not within 60 s
   */
  static async start(options: CertifyApplicationOptions): Promise<CertifyApplication> {
    const { urls, queue, onHandled, logger } = options;
    const context = await NestFactory.createApplicationContext(CertifyModule.on(urls, queue, onHandled, logger), {
      abortOnError: false,
      logger: false,
    });
    const application = new CertifyApplication(context, options);
    try {
      await application.#connection('producer').whenConnected(AbortSignal.timeout(READY_TIMEOUT));
      await application.whenListening(READY_TIMEOUT);
      return application;
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  /** Sends one message; resolves with the broker that has stored it. */
  async send(idempotencyKey: string): Promise<string> {
    const { brokerUri } = await this.#template.convertAndSend(this.#queue, { key: idempotencyKey }, { idempotencyKey });
    return brokerUri;
  }

  /** Unsubscribes a listener, or both: then what is sent stays where it is. */
  async stopListening(id?: ListenerId): Promise<void> {
    await this.#registry.stop(id);
  }

  /** Subscribes what does not listen, in the background. */
  startListening(): void {
    this.#registry.start();
  }

  /**
   * Resolves once both listeners are subscribed.
   *
   * @throws the signal's error after `timeout` ms
   */
  async whenListening(timeout: number): Promise<void> {
    const deadline = AbortSignal.timeout(timeout);
    await Promise.all(this.#registry.getListenerContainers().map((container) => container.whenSubscribed(deadline)));
  }

  /** Connections that are not at a broker they prefer, and where they are; empty when all is as in the beginning. */
  get astray(): readonly string[] {
    return CONNECTIONS.flatMap((name) => {
      const { brokerUri, state } = this.#connection(name);
      const preferred = preferredOf(this.#urls[name]);
      const isHome = state === 'connected' && (preferred.length === 0 || preferred.includes(brokerUri ?? ''));
      return isHome ? [] : [`${name} is ${state}${brokerUri === undefined ? '' : ` at ${brokerUri}`}`];
    });
  }

  /** How often a message was sent again because a connection took its receipt with it. */
  get resentMessages(): number {
    return this.#connection('producer').resentMessages;
  }

  /** Ends it: handlers finish, pending sends are confirmed. */
  async close(): Promise<void> {
    await this.#context.close();
  }

  get #registry(): JmsListenerEndpointRegistry {
    return this.#context.get(JmsListenerEndpointRegistry);
  }

  #connection(name: ClientName): ActiveMqConnection {
    return this.#context.get<ActiveMqConnection>(getActiveMqConnectionToken(name));
  }
}
