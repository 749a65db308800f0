export * from './control.js';
export * from './terminate-connections.js';
