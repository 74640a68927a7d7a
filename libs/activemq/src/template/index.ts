export { JmsMessagingTemplate, type SendResult } from './jms-messaging.template.js';
export type { TemplateDefaults } from './template-defaults.js';
