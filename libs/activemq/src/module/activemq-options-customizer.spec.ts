import 'reflect-metadata';
import type { LoggerService } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { expect, it } from 'vitest';

import { ActiveMqConnection } from '../connection/activemq-connection.js';
import type { ActiveMqModuleOptions } from './activemq-module-options.js';
import { ActiveMqModule } from './activemq.module.js';
import { ActiveMqOptionsCustomizer } from './activemq-options-customizer.js';
import { getActiveMqConnectionToken } from './tokens.js';

const logger: LoggerService = { log: () => undefined, error: () => undefined, warn: () => undefined };

it('an ActiveMqOptionsCustomizer sees the options of each connection before they are checked, and its answer counts', async () => {
  const seen: (readonly [string, string | undefined])[] = [];
  const customizer: ActiveMqOptionsCustomizer = {
    customize: async (name: string, options: ActiveMqModuleOptions) => {
      seen.push([name, options.brokerUrl]);
      return Promise.resolve({ ...options, brokerUrl: `vm://${name}`, logger });
    },
  };
  const imports = [
    ActiveMqModule.forRoot({ brokerUrl: 'no URL', startup: 'wait' }),
    ActiveMqModule.forRootAsync({ name: 'billing', useFactory: () => ({ brokerUrl: 'stomp://b', startup: 'wait' as const }) }),
  ];
  const module = await Test.createTestingModule({ imports }).overrideProvider(ActiveMqOptionsCustomizer).useValue(customizer).compile();
  await module.init();
  try {
    expect(seen).toHaveLength(2);
    expect(Object.fromEntries(seen)).toEqual({ default: 'no URL', billing: 'stomp://b' });
    const uris = ['default', 'billing'].map((name) => module.get<ActiveMqConnection>(getActiveMqConnectionToken(name)).brokerUri);
    expect(uris).toEqual(['vm://default', 'vm://billing']);
  } finally {
    await module.close();
  }
});
