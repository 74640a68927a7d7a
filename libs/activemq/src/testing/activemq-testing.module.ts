import { type DynamicModule, Global, Module } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';

import { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import type { ActiveMqModuleOptions } from '../module/activemq-module-options.js';
import { ActiveMqModule } from '../module/activemq.module.js';
import { ActiveMqSharedModule } from '../module/activemq-shared.module.js';
import { SentMessages } from '../template/sent-messages.js';
import { assertKnownOptions } from '../validation/index.js';
import { JmsTestHarness } from './jms-test-harness.js';
import { HARNESS_OPTION_NAMES, type JmsTestHarnessOptions } from './jms-test-harness-options.js';

/** Options of {@link ActiveMqTestingModule.forRoot}. */
export interface ActiveMqTestingModuleOptions extends JmsTestHarnessOptions {
  /** What `ActiveMqModule.forRoot()` would get, once for each connection; default one connection without a name. `brokerUrl` is ignored. */
  readonly connections?: readonly ActiveMqModuleOptions[];
}

/** Global and of its own, so that the connections get the harness before they exist. */
@Global()
@Module({})
class JmsTestHarnessModule {
  static register(options: JmsTestHarnessOptions): DynamicModule {
    return {
      module: JmsTestHarnessModule,
      imports: [ActiveMqSharedModule],
      providers: [
        {
          provide: JmsTestHarness,
          inject: [JmsListenerEndpointRegistry, SentMessages, ModuleRef],
          // Made with the application, not with the decorator: two applications of one module class share nothing.
          useFactory: (registry: JmsListenerEndpointRegistry, sent: SentMessages, moduleRef: ModuleRef) => {
            const harness = new JmsTestHarness(options);
            harness.attach(registry, sent, moduleRef);
            return harness;
          },
        },
      ],
      exports: [JmsTestHarness],
    };
  }
}

/**
 * `ActiveMqModule` on an embedded broker of its own, with a {@link JmsTestHarness} to be had from the application, for tests of single
 * listeners. To test a whole `AppModule` use {@link JmsTestHarness.redirect}.
 *
 * @example
 * ```ts
 * const app = await Test.createTestingModule({ imports: [ActiveMqTestingModule.forRoot()], providers: [OrdersListener] }).compile();
 * await app.init();
 * const harness = app.get(JmsTestHarness);
 * ```
 */
@Module({})
export class ActiveMqTestingModule {
  /**
   * All connections of the application under test at once.
   *
   * @throws ConfigurationError for an unknown option
   */
  static forRoot(options: ActiveMqTestingModuleOptions = {}): DynamicModule {
    assertKnownOptions('ActiveMqTestingModule.forRoot()', options, [...HARNESS_OPTION_NAMES, 'connections']);
    const { connections = [{}], ...harnessOptions } = options;
    return {
      module: ActiveMqTestingModule,
      imports: [
        JmsTestHarnessModule.register(harnessOptions),
        ...connections.map((connection) =>
          ActiveMqModule.forRootAsync({
            name: connection.name,
            inject: [JmsTestHarness],
            useFactory: (harness: JmsTestHarness) => harness.customize(connection.name ?? 'default', connection),
          }),
        ),
      ],
    };
  }
}
