import { spawn } from 'node:child_process';

// Waits for the end of its input, which comes with the end of this process, whatever ended it.
const SCRIPT = `
cat > /dev/null
for file in "$0"/*.pid; do
  [ -f "$file" ] && kill -KILL "-$(cat "$file")"
done
rm -rf "$0"
`;

/** Sees to it that servers and their folder go even when this process is killed and can no longer do it. */
export function startReaper(folder: string): void {
  const child = spawn('/bin/sh', ['-c', SCRIPT, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => undefined);
  child.unref();
  // The open pipe must not keep this process alive.
  (child.stdin as unknown as { unref(): void }).unref();
}
