/** pg keeps its socket in a connection of its own; mysql2 keeps it itself; SQLite has none. */
interface DriverConnection {
  readonly stream?: { destroy?: () => void };
  readonly connection?: { readonly stream?: { destroy?: () => void } };
}

/** Ends a driver's connection without a goodbye: what waits on it fails, as when the network breaks. */
export function cutSocket(driverConnection: unknown): void {
  const { stream, connection } = driverConnection as DriverConnection;
  stream?.destroy?.();
  connection?.stream?.destroy?.();
}
