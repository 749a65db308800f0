import { anObject, checkSettings, oneOf, wholeNumber, withDefaults, type Check } from '../config/checks.js';
import { ConfigError } from '../errors/index.js';
import { checkService, type CheckedService, type MockServiceConfig } from './service-config.js';

/** multi: services by name, made over HTTP. single: the one `defaultService`, at `/`. */
export type MockServerMode = 'multi' | 'single';

export interface MockServerConfig {
  /** 0: any that is free. Default 19999. */
  port?: number;
  /** Where it listens; default '127.0.0.1'. */
  host?: string;
  /** Default 'multi'. */
  mode?: MockServerMode;
  /** The service of mode single, which needs it. */
  defaultService?: MockServiceConfig;
}

export type CheckedServer = Required<Omit<MockServerConfig, 'defaultService'>> & {
  readonly defaultService: CheckedService | undefined;
};

export const DEFAULT_PORT = 19_999;

const DEFAULTS = { port: DEFAULT_PORT, host: '127.0.0.1', mode: 'multi' } as const;

const CHECKS: Readonly<Record<keyof MockServerConfig, Check>> = {
  port: wholeNumber(0, 65_535),
  host: ['the name or address of an interface', (value) => typeof value === 'string' && value !== ''],
  mode: oneOf('multi', 'single'),
  defaultService: ['an object { maxConcurrency, rateLimit }', anObject[1]],
};

/** @throws ConfigError */
export function checkServer(config: MockServerConfig): CheckedServer {
  if (!anObject[1](config))
    throw new ConfigError('startMockServer', 'expected { port, host, mode, defaultService }');
  checkSettings(config, CHECKS);
  const { defaultService, ...others } = config;
  const settings = withDefaults<Omit<CheckedServer, 'defaultService'>>(DEFAULTS, others);
  if ((settings.mode === 'single') !== (defaultService !== undefined))
    throw new ConfigError('defaultService', 'mode single needs it, and no other mode has one');
  return { ...settings, defaultService: defaultService && checkService(defaultService) };
}
