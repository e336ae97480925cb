import { constants } from 'node:os';

/**
 * A signal that aborts at the first Ctrl-C, SIGTERM or SIGHUP (the terminal is gone), so that a run can put things
 * back and still report. At the second one the process ends at once; lab machines die with it.
 */
export function stopSignal(note: (text: string) => void): AbortSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(128 + constants.signals[name]);
    note(`${name}: stopping after this step; once more to stop at once`);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('SIGHUP', stop);
  return controller.signal;
}
