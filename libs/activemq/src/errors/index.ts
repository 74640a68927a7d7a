export * from './activemq.error.js';
export * from './configuration.error.js';
export * from './illegal-frame.error.js';
export * from './illegal-state.error.js';
export * from './message-conversion.error.js';
export * from './non-retryable.error.js';
export * from './send.error.js';
export * from './stomp.errors.js';
