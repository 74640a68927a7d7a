export * from './known-options.js';
