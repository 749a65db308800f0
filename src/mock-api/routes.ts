import type { MockService } from './mock-service.js';
import { refusal, type Reply } from './reply.js';
import type { MockServerMode } from './server-config.js';

/** What the routes of a server work on. */
export interface Services {
  readonly mode: MockServerMode;
  readonly named: Map<string, MockService>;
  readonly defaultService: MockService | undefined;
  readonly stopping: AbortSignal;
  /** Makes a service of what a request says; throws for what cannot be one. */
  readonly create: (config: unknown) => MockService;
  readonly stop: () => void;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly readBody: () => Promise<unknown>;
}

type Route = (services: Services, name: string, call: Call) => Reply | Promise<Reply>;

const ROUTES: readonly (readonly [methods: string, path: RegExp, route: Route])[] = [
  ['POST', /^\/shutdown$/, shutDown],
  ['POST', /^\/service\/([^/]*)$/, createService],
  ['DELETE', /^\/service\/([^/]*)$/, deleteService],
  ['GET POST', /^\/mock\/([^/]*)$/, accessNamed],
  ['GET POST', /^\/$/, accessDefault],
];

/** Answers one request; rejects with a ConfigError or URIError where it says what cannot be. */
export async function route(services: Services, call: Call): Promise<Reply> {
  for (const [methods, path, answer] of ROUTES) {
    const found = path.exec(call.path);
    if (found && methods.split(' ').includes(call.method))
      return answer(services, decodeURIComponent(found[1] ?? ''), call);
  }
  return refusal(404, 'not_found');
}

function shutDown({ stop }: Services): Reply {
  return { status: 200, body: { status: 'shutting_down' }, afterwards: stop };
}

async function createService(services: Services, name: string, call: Call): Promise<Reply> {
  if (services.mode === 'single') return refusal(400, 'single_mode_no_create');
  if (name === '') return noName();
  services.named.set(name, services.create(await call.readBody()));
  return { status: 201, body: { service: name, status: 'created' } };
}

function deleteService(services: Services, name: string): Reply {
  if (services.mode === 'single') return refusal(400, 'single_mode_no_create');
  if (name === '') return noName();
  if (!services.named.delete(name)) return refusal(404, 'service_not_found');
  return { status: 200, body: { service: name, status: 'deleted' } };
}

function accessNamed({ mode, named, stopping }: Services, name: string): Reply | Promise<Reply> {
  if (mode === 'single') return refusal(400, 'invalid_params', 'in mode single the service is at /');
  if (name === '') return noName();
  return named.get(name)?.answer(stopping) ?? refusal(404, 'service_not_found');
}

function accessDefault({ defaultService, stopping }: Services): Reply | Promise<Reply> {
  return (
    defaultService?.answer(stopping) ??
    refusal(400, 'invalid_params', 'in mode multi services are at /mock/<name>')
  );
}

function noName(): Reply {
  return refusal(400, 'invalid_params', 'the path lacks the name of the service');
}
