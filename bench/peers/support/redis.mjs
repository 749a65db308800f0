import { Redis } from 'ioredis';

/** What a Redis promises to keep. */
export function describeRedis(url) {
  return connected(url, async (client) => {
    const [, version = 'unknown'] = /^redis_version:(\S+)/m.exec(await client.info('server')) ?? [];
    const { appendonly, appendfsync } = await durabilityOf(client);
    return `version ${version}, appendonly ${appendonly}, appendfsync ${appendfsync}`;
  });
}

/** How often the append-only file is synced: `everysec` or `always`. Refuses a Redis that has no such file. */
export function setDurability(url, appendfsync) {
  return connected(url, async (client) => {
    const { appendonly } = await durabilityOf(client);
    if (appendonly !== 'yes')
      throw new Error(
        `This Redis has appendonly ${appendonly}: what is measured must have an append-only file`,
      );
    await client.config('SET', 'appendfsync', appendfsync);
  });
}

async function durabilityOf(client) {
  const get = async (name) => (await client.config('GET', name))[1];
  return { appendonly: await get('appendonly'), appendfsync: await get('appendfsync') };
}

async function connected(url, work) {
  const client = new Redis(url);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}
