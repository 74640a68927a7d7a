export {
  Acknowledgment,
  Header,
  type HandlerParameterOptions,
  Headers,
  Message,
  Payload,
  type Pipe,
} from './handler-parameter.decorators.js';
export { getJmsArguments, isJmsContext, JMS_CONTEXT_TYPE, type JmsArguments } from './jms-context.js';
export { JmsListenerContainer, type JmsListenerState } from './jms-listener-container.js';
export { JmsListenerEndpointRegistry } from './jms-listener-endpoint-registry.js';
export { JmsListener } from './jms-listener.decorator.js';
export type { JmsListenerOptions, ListenerDefaults } from './jms-listener-options.js';
