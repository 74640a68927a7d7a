import { type DynamicModule, Module, type Provider } from '@nestjs/common';

import type { ActiveMqConnection } from '../connection/activemq-connection.js';
import { DEFAULT_CONNECTION_NAME } from '../connection/connection-settings.js';
import { ConfigurationError } from '../errors/index.js';
import { ErrorHandlers } from '../listener/error-handlers.js';
import { JmsHandlerFactory } from '../listener/jms-handler.factory.js';
import { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import { ActiveMqCoreModule } from './activemq-core.module.js';
import { SentMessages } from '../template/sent-messages.js';
import { assertFunction, assertKnownOptions } from '../validation/index.js';
import {
  ACTIVEMQ_MODULE_OPTION_NAMES,
  type ActiveMqModuleAsyncOptions,
  type ActiveMqModuleOptions,
  type ActiveMqOptionsFactory,
} from './activemq-module-options.js';
import type { ActiveMqSettings } from './activemq-settings.js';
import type { ConnectionGates } from './connection-gates.js';
import { JmsListenerRegistrar } from './jms-listener.registrar.js';
import { ListenerEndpoints } from './listener-endpoints.js';
import { ShutdownDeadline } from './shutdown-deadline.js';
import { getActiveMqConnectionToken, getActiveMqOptionsToken, getActiveMqSettingsToken, getConnectionGatesToken } from './tokens.js';

/**
 * Connects a Nest application to ActiveMQ: `@JmsListener` methods receive, an injected {@link JmsMessagingTemplate} sends.
 *
 * @example
 * ```ts
 * @Module({ imports: [ActiveMqModule.forRoot({ brokerUrl: 'failover:(stomp://a:61613,stomp://b:61613)' })] })
 * export class AppModule {}
 * ```
 */
@Module({})
export class ActiveMqModule {
  /** One connection, with options that are known right away; call it again with another `name` for another one. */
  static forRoot(options: ActiveMqModuleOptions = {}): DynamicModule {
    assertKnownOptions('ActiveMqModule.forRoot()', options, ACTIVEMQ_MODULE_OPTION_NAMES);
    const name = options.name ?? DEFAULT_CONNECTION_NAME;
    return register(name, [], [{ provide: getActiveMqOptionsToken(name), useValue: options }]);
  }

  /**
   * One connection, with options that are made by a factory.
   *
   * @example ActiveMqModule.forRootAsync({ inject: [ConfigService], useFactory: (config: ConfigService) => ({ brokerUrl: config.get('BROKER_URL') }) })
   */
  static forRootAsync(options: ActiveMqModuleAsyncOptions): DynamicModule {
    const where = 'ActiveMqModule.forRootAsync()';
    assertKnownOptions(where, options, ['name', 'imports', 'inject', 'useFactory', 'useClass', 'useExisting']);
    for (const source of ['useFactory', 'useClass', 'useExisting'] as const) {
      if (options[source] !== undefined) assertFunction(where, source, options[source]);
    }
    const name = options.name ?? DEFAULT_CONNECTION_NAME;
    return register(name, options.imports, optionsProviders(name, options));
  }
}

/** Only the registrar lives in the module that is not global: it is destroyed first. */
function register(name: string, imports: DynamicModule['imports'], options: readonly Provider[]): DynamicModule {
  const settingsToken = getActiveMqSettingsToken(name);
  return {
    module: ActiveMqModule,
    imports: [ActiveMqCoreModule.register(name, imports, options)],
    providers: [
      {
        provide: JmsListenerRegistrar,
        inject: [
          settingsToken,
          getActiveMqConnectionToken(name),
          ListenerEndpoints,
          JmsHandlerFactory,
          ErrorHandlers,
          JmsListenerEndpointRegistry,
          ShutdownDeadline,
          SentMessages,
          getConnectionGatesToken(name),
        ],
        useFactory: (
          settings: ActiveMqSettings,
          connection: ActiveMqConnection,
          endpoints: ListenerEndpoints,
          handlers: JmsHandlerFactory,
          errorHandlers: ErrorHandlers,
          registry: JmsListenerEndpointRegistry,
          shutdown: ShutdownDeadline,
          sent: SentMessages,
          gates: ConnectionGates,
        ) => new JmsListenerRegistrar({ settings, connection, endpoints, handlers, errorHandlers, registry, shutdown, sent, gates }),
      },
    ],
  };
}

function optionsProviders(name: string, options: ActiveMqModuleAsyncOptions): readonly Provider[] {
  const provide = getActiveMqOptionsToken(name);
  const { useFactory, useClass, useExisting, inject = [] } = options;
  const given = [useFactory, useClass, useExisting].filter((source) => source !== undefined);
  if (given.length !== 1)
    throw new ConfigurationError('ActiveMqModule.forRootAsync() needs exactly one of `useFactory`, `useClass` and `useExisting`');
  if (useFactory) return [{ provide, inject: [...inject] as never[], useFactory: useFactory as (...args: unknown[]) => unknown }];
  const factory = (useClass ?? useExisting)!;
  const create = { provide, inject: [factory], useFactory: (created: ActiveMqOptionsFactory) => created.createActiveMqOptions() };
  return useClass ? [useClass, create] : [create];
}
