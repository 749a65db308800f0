import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ConfigError } from '../errors/index.js';
import { refusal, type Reply } from './reply.js';
import type { Call } from './routes.js';

type Answer = (call: Call) => Promise<Reply>;

/** Listens, and answers each request as JSON; resolves when the port is open. */
export async function listen(port: number, host: string, answer: Answer): Promise<Server> {
  const server = createServer((request, response) => {
    // What fails here is a connection that has gone, or a delay that the stop has cut short.
    respond(request, response, answer).catch(() => response.destroy());
  });
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  const { method = '', url = '' } = request;
  const [path = ''] = url.split('?', 1);
  const reply = await answer({ method, path, readBody: () => readJson(request) }).catch(explain);
  if (reply.afterwards) response.once('close', reply.afterwards);
  response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
  response.end(JSON.stringify(reply.body));
}

function explain(error: unknown): Reply {
  if (error instanceof ConfigError || error instanceof URIError)
    return refusal(400, 'invalid_params', error.message);
  throw error;
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const body = await text(request);
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new ConfigError('body', 'expected JSON', { cause });
  }
}
