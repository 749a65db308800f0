import { setMaxListeners } from 'node:events';
import type { Server } from 'node:http';
import { listen, portOf } from './http-server.js';
import { MockService, type MockServiceState } from './mock-service.js';
import { route, type Services } from './routes.js';
import {
  checkServer,
  type CheckedServer,
  type MockServerConfig,
  type MockServerMode,
} from './server-config.js';
import { checkService } from './service-config.js';

/** What a mock server has. */
export interface MockServerState {
  /** Those of mode multi, by name. */
  readonly services: ReadonlyMap<string, MockServiceState>;
  readonly mode: MockServerMode;
  readonly hasDefaultService: boolean;
}

/** A server that runs. */
export interface MockServer {
  readonly url: string;
  readonly port: number;
  /** Resolves when it has stopped, also when `POST /shutdown` did it. */
  readonly stopped: Promise<void>;
  /** Cuts what is under way, and closes the port. */
  stop(): Promise<void>;
}

/** Those that run, in the order of their start. */
const running = new Map<MockServer, Services>();

/**
 * Starts a mock API server: services with limits, to test against instead of other people's APIs.
 * @throws ConfigError; the error of the system where the port cannot be had
 */
export async function startMockServer(config: MockServerConfig = {}): Promise<MockServer> {
  const settings = checkServer(config);
  const stopping = new AbortController();
  // Each request under way listens to it.
  setMaxListeners(0, stopping.signal);
  const services = servicesOf(settings, stopping);
  const http = await listen(settings.port, settings.host, (call) => route(services, call));
  const server = handleOf(settings.host, http, stopping);
  running.set(server, services);
  void server.stopped.then(() => running.delete(server));
  return server;
}

/** Stops the servers that run in this process. */
export async function stopMockServer(): Promise<void> {
  await Promise.all([...running.keys()].map((server) => server.stop()));
}

/** What the server has that was started last; nothing when none runs. */
export function getServerState(): MockServerState {
  const latest = [...running.values()].at(-1);
  return {
    services: new Map(latest?.named),
    mode: latest?.mode ?? 'multi',
    hasDefaultService: latest?.defaultService !== undefined,
  };
}

function servicesOf({ mode, defaultService }: CheckedServer, stopping: AbortController): Services {
  return {
    mode,
    named: new Map(),
    defaultService: defaultService && new MockService(defaultService),
    create: (service) => new MockService(checkService(service)),
    stopping: stopping.signal,
    stop: () => {
      stopping.abort();
    },
  };
}

function handleOf(host: string, http: Server, stopping: AbortController): MockServer {
  const port = portOf(http);
  const stopped = new Promise<void>((resolve) => http.once('close', resolve));
  stopping.signal.addEventListener('abort', () => {
    http.close();
    http.closeAllConnections();
  });
  const stop = (): Promise<void> => {
    stopping.abort();
    return stopped;
  };
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, port, stopped, stop };
}
