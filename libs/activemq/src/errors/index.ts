export * from './activemq.error.js';
export * from './configuration.error.js';
export * from './stomp.errors.js';
