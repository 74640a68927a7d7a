import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import { DeadLetterService } from '../dead-letter-service/dead-letter-service.js';
import { toErrorText } from '../errors/error-text.js';
import { ConfigurationError } from '../errors/index.js';
import { ListenerGateMetadataAccessor } from '../listener/listener-gate-metadata.js';
import { JmsMessagingTemplate } from '../template/jms-messaging.template.js';
import { SentMessages } from '../template/sent-messages.js';
import type { ActiveMqModuleOptions } from './activemq-module-options.js';
import { ActiveMqOptionsCustomizer } from './activemq-options-customizer.js';
import { type ActiveMqSettings, resolveActiveMqSettings } from './activemq-settings.js';
import { ActiveMqSharedModule } from './activemq-shared.module.js';
import { ConnectionGates } from './connection-gates.js';
import { ConnectionLifecycle } from './connection-lifecycle.js';
import { ConnectionRegistry } from './connection-registry.js';
import { ListenerEndpoints } from './listener-endpoints.js';
import {
  getActiveMqConnectionToken,
  getActiveMqOptionsToken,
  getActiveMqSettingsToken,
  getConnectionGatesToken,
  getDeadLetterServiceToken,
  getJmsTemplateToken,
} from './tokens.js';
import { ShutdownDeadline } from './shutdown-deadline.js';
import { VmBrokers } from './vm-brokers.js';

/** Connection and template of one `forRoot`; global, so that every module can send. */
@Global()
@Module({})
export class ActiveMqCoreModule {
  /** @param options provides the options under their token */
  static register(name: string, imports: DynamicModule['imports'], options: readonly Provider[]): DynamicModule {
    const connectionToken = getActiveMqConnectionToken(name);
    const templateToken = getJmsTemplateToken(name);
    const settingsToken = getActiveMqSettingsToken(name);
    const gatesToken = getConnectionGatesToken(name);
    const deadLettersToken = getDeadLetterServiceToken(name);
    const providers: Provider[] = [
      ...options,
      {
        provide: settingsToken,
        inject: [getActiveMqOptionsToken(name), ActiveMqOptionsCustomizer, VmBrokers],
        useFactory: async (given: ActiveMqModuleOptions, customizer: ActiveMqOptionsCustomizer, vmBrokers: VmBrokers) =>
          resolveActiveMqSettings(name, await customizer.customize(name, given), vmBrokers),
      },
      {
        provide: connectionToken,
        inject: [settingsToken, ConnectionRegistry],
        useFactory: (settings: ActiveMqSettings, connections: ConnectionRegistry) => {
          const connection = new ActiveMqConnection(settings.connection);
          connections.register(connection, settings.listeners);
          return connection;
        },
      },
      {
        provide: templateToken,
        inject: [connectionToken, settingsToken, SentMessages],
        useFactory: (connection: ActiveMqConnection, settings: ActiveMqSettings, sent: SentMessages) => {
          const logger = settings.loggerFor('JmsMessagingTemplate');
          const onFailure = (error: unknown) => logger.warn(toErrorText(error));
          return new JmsMessagingTemplate(connection, settings.converter, settings.template, sent, onFailure);
        },
      },
      {
        provide: gatesToken,
        inject: [settingsToken, connectionToken, ListenerEndpoints, ListenerGateMetadataAccessor],
        useFactory: (
          settings: ActiveMqSettings,
          connection: ActiveMqConnection,
          endpoints: ListenerEndpoints,
          metadata: ListenerGateMetadataAccessor,
        ) => new ConnectionGates({ settings, endpoints, metadata, hasScheduler: () => hasScheduler(connection) }),
      },
      {
        provide: deadLettersToken,
        inject: [connectionToken, settingsToken],
        useFactory: (connection: ActiveMqConnection, settings: ActiveMqSettings) => new DeadLetterService(connection, settings.converter),
      },
      {
        provide: ConnectionLifecycle,
        inject: [connectionToken, settingsToken, ListenerEndpoints, ConnectionRegistry, VmBrokers, ShutdownDeadline, gatesToken],
        useFactory: (
          connection: ActiveMqConnection,
          settings: ActiveMqSettings,
          endpoints: ListenerEndpoints,
          connections: ConnectionRegistry,
          vmBrokers: VmBrokers,
          shutdown: ShutdownDeadline,
          gates: ConnectionGates,
        ) => new ConnectionLifecycle({ connection, settings, endpoints, connections, vmBrokers, shutdown, gates }),
      },
    ];
    return {
      module: ActiveMqCoreModule,
      imports: [ActiveMqSharedModule, ...(imports ?? [])],
      providers,
      exports: [connectionToken, templateToken, deadLettersToken, settingsToken, gatesToken],
    };
  }
}

/** The connection says it by an error, which is what a send that needs one wants. */
async function hasScheduler(connection: ActiveMqConnection): Promise<boolean> {
  try {
    await connection.assertScheduler();
    return true;
  } catch (error) {
    if (error instanceof ConfigurationError) return false;
    throw error;
  }
}
