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
export type { DurableSubscription } from './durable-subscription.js';
export { JmsListenerContainer } from './jms-listener-container.js';
export type { JmsListenerState } from './jms-listener-state.js';
export { JmsListenerEndpointRegistry } from './jms-listener-endpoint-registry.js';
export type { ReplyQosSettings } from './reply-sender.js';
export { type ReplyDestination, SendTo } from './send-to.decorator.js';
export type { BatchListenerFunction, JmsListenerFunction, RegisteredListenerOptions } from './programmatic-listener.js';
export { JmsListener } from './jms-listener.decorator.js';
export type { BatchOptions, JmsListenerOptions, ListenerDefaults } from './jms-listener-options.js';
