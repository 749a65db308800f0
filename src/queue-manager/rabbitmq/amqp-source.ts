import type { Options } from 'amqplib';
import { ConfigError } from '../../errors/index.js';

type AmqpTarget = string | Options.Connect;

/** Where the broker is; a function is asked again at each attempt, so that credentials can change. */
export type AmqpSource = AmqpTarget | (() => AmqpTarget | Promise<AmqpTarget>);

const HEARTBEAT_SECONDS = 15;

/** Asks the source where to connect now; a heartbeat that the user set is kept. */
export async function resolveSource(source: AmqpSource): Promise<AmqpTarget> {
  const target: unknown = typeof source === 'function' ? await source() : source;
  if (typeof target === 'string') return withHeartbeat(target);
  // Nothing would mean the broker on this machine.
  if (typeof target !== 'object' || target === null)
    throw new ConfigError('amqpUrl', 'its function gives neither a URL nor connect options');
  return { heartbeat: HEARTBEAT_SECONDS, ...target };
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
