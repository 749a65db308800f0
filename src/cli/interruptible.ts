import { EXIT, type ExitCode } from './exit-code.js';

/** Ends with Ctrl-C at once: for commands that hold nothing which must be given back. */
export async function interruptible(work: () => Promise<ExitCode>): Promise<ExitCode> {
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<ExitCode>((resolve) => {
    interrupt = () => resolve(EXIT.SIGINT);
  });
  // Stays for the whole signal: what restores the cursor kills the process where it finds itself the only listener.
  process.on('SIGINT', interrupt);
  try {
    return await Promise.race([work(), interrupted]);
  } finally {
    process.off('SIGINT', interrupt);
  }
}
