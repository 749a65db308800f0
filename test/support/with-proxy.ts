import { TcpProxy } from './tcp-proxy.js';

/** Works with a proxy to `url`, and closes it in the end. */
export async function withProxy<T>(url: string, work: (proxy: TcpProxy) => Promise<T>): Promise<T> {
  const proxy = await TcpProxy.start(url);
  try {
    return await work(proxy);
  } finally {
    await proxy.close();
  }
}
