export * from './connection/index.js';
export * from './dead-letter-service/index.js';
export * from './delivery/index.js';
export * from './errors/index.js';
export * from './listener/index.js';
export * from './message/index.js';
export * from './module/index.js';
export * from './template/index.js';
