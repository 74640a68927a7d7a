export { ActiveMqModule } from './activemq.module.js';
export type { ActiveMqModuleAsyncOptions, ActiveMqModuleOptions, ActiveMqOptionsFactory } from './activemq-module-options.js';
export { ActiveMqOptionsCustomizer } from './activemq-options-customizer.js';
export {
  getActiveMqConnectionToken,
  getDeadLetterServiceToken,
  getJmsTemplateToken,
  InjectActiveMqConnection,
  InjectDeadLetterService,
  InjectJmsTemplate,
} from './tokens.js';
export type { VmBroker } from './vm-brokers.js';
