import { once } from 'node:events';
import { connect } from 'node:net';

const PROBE_TIMEOUT_MS = 5_000;

/** Resolves when Redis answers a PING; spoken by hand, since nothing else here needs a client. */
export async function probeRedis(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port || 6379) });
  try {
    socket.setTimeout(PROBE_TIMEOUT_MS, () => socket.destroy(new Error('Redis did not answer in time')));
    socket.write('PING\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    if (!answer.toString().startsWith('+PONG')) throw new Error(`Redis answered ${answer.toString().trim()}`);
  } finally {
    socket.destroy();
  }
}
