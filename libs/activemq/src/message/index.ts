export { ContentTypeMessageConverter } from './content-type-message-converter.js';
export { DefaultMessageConverter } from './default-message-converter.js';
export type { DestinationType, JmsDestination } from './destination.js';
export { JmsMessage } from './jms-message.js';
export { JmsResponse } from './jms-response.js';
export { JsonMessageConverter, type JsonMessageConverterOptions } from './json-message-converter.js';
export type { ConversionHints, ConvertedMessage, MessageConverter } from './message-converter.js';
export type { SendOptions } from './outgoing-message.js';
export type { MessageSchedule } from './schedule.js';
