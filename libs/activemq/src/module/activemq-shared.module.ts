import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';

import { JmsHandlerFactory } from '../listener/jms-handler.factory.js';
import { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import { JmsListenerExplorer } from '../listener/jms-listener.explorer.js';
import { JmsListenerMetadataAccessor } from '../listener/jms-listener-metadata.js';
import { ConnectionRegistry } from './connection-registry.js';

/** What the connections of one application share; Nest makes it once, however many connections import it. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [ConnectionRegistry, JmsListenerEndpointRegistry, JmsListenerMetadataAccessor, JmsListenerExplorer, JmsHandlerFactory],
  exports: [ConnectionRegistry, JmsListenerEndpointRegistry, JmsListenerExplorer, JmsHandlerFactory],
})
export class ActiveMqSharedModule {}
