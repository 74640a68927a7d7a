export { JmsMessagingTemplate, type SendResult } from './jms-messaging.template.js';
export { type SentMessage, SentMessages } from './sent-messages.js';
export type { TemplateDefaults } from './template-defaults.js';
