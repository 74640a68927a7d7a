export { DefaultMessageConverter } from './default-message-converter.js';
export type { DestinationType, JmsDestination } from './destination.js';
export { JmsMessage } from './jms-message.js';
export type { ConvertedMessage, MessageConverter } from './message-converter.js';
export type { SendOptions } from './outgoing-message.js';
export type { MessageSchedule } from './schedule.js';
