import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';

import { JmsHandlerFactory } from '../listener/jms-handler.factory.js';
import { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import { JmsListenerExplorer } from '../listener/jms-listener.explorer.js';
import { JmsListenerMetadataAccessor } from '../listener/jms-listener-metadata.js';
import { ConnectionRegistry } from './connection-registry.js';
import { ListenerEndpoints } from './listener-endpoints.js';
import { VmBrokers } from './vm-brokers.js';

/** What the connections of one application share; Nest makes it once, however many connections import it. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    ConnectionRegistry,
    JmsListenerEndpointRegistry,
    JmsListenerMetadataAccessor,
    JmsListenerExplorer,
    JmsHandlerFactory,
    ListenerEndpoints,
    VmBrokers,
  ],
  exports: [ConnectionRegistry, JmsListenerEndpointRegistry, JmsHandlerFactory, ListenerEndpoints, VmBrokers],
})
export class ActiveMqSharedModule {}
