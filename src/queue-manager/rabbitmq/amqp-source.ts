import type { Options } from 'amqplib';
import { ConfigError } from '../../errors/index.js';

type AmqpTarget = string | Options.Connect;

/** Where the broker is; a function is asked again at each attempt, so that credentials can change. */
export type AmqpSource = AmqpTarget | (() => AmqpTarget | Promise<AmqpTarget>);

const HEARTBEAT_SECONDS = 15;

/** Asks the source where to connect now; a heartbeat that the user set is kept. */
export async function resolveSource(source: AmqpSource): Promise<AmqpTarget> {
  const target = typeof source === 'function' ? await source() : source;
  return typeof target === 'string' ? withHeartbeat(target) : { heartbeat: HEARTBEAT_SECONDS, ...target };
}

function withHeartbeat(text: string): string {
  const url = parse(text);
  if (!url.searchParams.has('heartbeat')) url.searchParams.set('heartbeat', String(HEARTBEAT_SECONDS));
  return url.href;
}

function parse(text: string): URL {
  // The error of `new URL` carries its input, hence the password: it must not travel on as a cause.
  if (!URL.canParse(text)) throw new ConfigError('amqpUrl', 'cannot be parsed as a URL');
  return new URL(text);
}
