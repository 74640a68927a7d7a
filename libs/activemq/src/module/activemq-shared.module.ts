import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';

import { ErrorHandlers } from '../listener/error-handlers.js';
import { JmsHandlerFactory } from '../listener/jms-handler.factory.js';
import { JmsListenerEndpointRegistry } from '../listener/jms-listener-endpoint-registry.js';
import { ListenerGateMetadataAccessor } from '../listener/listener-gate-metadata.js';
import { JmsListenerExplorer } from '../listener/jms-listener.explorer.js';
import { JmsListenerMetadataAccessor } from '../listener/jms-listener-metadata.js';
import { SentMessages } from '../template/sent-messages.js';
import { ActiveMqOptionsCustomizer } from './activemq-options-customizer.js';
import { ConnectionRegistry } from './connection-registry.js';
import { ListenerEndpoints } from './listener-endpoints.js';
import { ShutdownDeadline } from './shutdown-deadline.js';
import { VmBrokers } from './vm-brokers.js';

/** What the connections of one application share; Nest makes it once, however many connections import it. */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    ActiveMqOptionsCustomizer,
    ConnectionRegistry,
    JmsListenerEndpointRegistry,
    JmsListenerMetadataAccessor,
    JmsListenerExplorer,
    JmsHandlerFactory,
    ErrorHandlers,
    ListenerEndpoints,
    ListenerGateMetadataAccessor,
    SentMessages,
    VmBrokers,
    ShutdownDeadline,
  ],
  exports: [
    ActiveMqOptionsCustomizer,
    ConnectionRegistry,
    JmsListenerEndpointRegistry,
    JmsHandlerFactory,
    ErrorHandlers,
    ListenerEndpoints,
    ListenerGateMetadataAccessor,
    SentMessages,
    VmBrokers,
    ShutdownDeadline,
  ],
})
export class ActiveMqSharedModule {}
