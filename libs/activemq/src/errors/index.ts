export * from './activemq.error.js';
export * from './configuration.error.js';
export * from './illegal-frame.error.js';
export * from './send.error.js';
export * from './stomp.errors.js';
