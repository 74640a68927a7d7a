export { ActiveMqConnection } from './activemq-connection.js';
export type { Password } from './connection-settings.js';
export type { ConnectionEvents, ConnectionState } from './connection-state.js';
