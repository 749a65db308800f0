import { checkRequired, checkSettings, wholeNumber, type Check } from '../config/checks.js';

/** Requests that fail by chance, before the limits are looked at. */
export interface ErrorSimulation {
  /** The share of the requests that fail, from 0 to 1. */
  rate: number;
  /** Default 500. */
  statusCode?: number;
  /** The `error` of the body; default 'internal_server_error'. */
  errorMessage?: string;
}

const CHECKS: Readonly<Record<keyof ErrorSimulation, Check>> = {
  rate: ['a number from 0 to 1', (value) => typeof value === 'number' && value >= 0 && value <= 1],
  statusCode: wholeNumber(400, 599),
  errorMessage: ['a text', (value) => typeof value === 'string'],
};

/**
 * The `errorSimulation` of a service.
 * @throws ConfigError for a rate outside 0 to 1, or a status that is no error
 */
export function createErrorSimulation(
  rate: number,
  statusCode?: number,
  errorMessage?: string,
): ErrorSimulation {
  const simulation = {
    rate,
    ...(statusCode !== undefined && { statusCode }),
    ...(errorMessage !== undefined && { errorMessage }),
  };
  checkErrorSimulation(simulation);
  return simulation;
}

/** @throws ConfigError */
export function checkErrorSimulation(simulation: ErrorSimulation): void {
  checkSettings(simulation, CHECKS, 'errorSimulation.');
  checkRequired({ rate: simulation.rate }, CHECKS, 'errorSimulation.');
}
