export { JmsMessagingTemplate, type SendResult } from './jms-messaging.template.js';
export type { BrowseOptions } from './receiving/browse-options.js';
export type { ReceiveOptions } from './receiving/receive-options.js';
export type { RequestOptions } from './request-reply/request-options.js';
export { type SentMessage, SentMessages } from './sent-messages.js';
export type { TemplateDefaults } from './template-defaults.js';
