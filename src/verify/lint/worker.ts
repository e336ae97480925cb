import { readlinkSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { type LintOptions, look } from './look.js';

/** What the thread of `lintPolicy` is asked. */
export interface Question {
  readonly source: string | Uint8Array;
  readonly options: LintOptions;
}

parentPort?.on('message', async ({ source, options }: Question) => {
  try {
    parentPort?.postMessage({ verdict: await look(source, options) });
  } catch (error) {
    parentPort?.postMessage({ error, isStack: error instanceof RangeError });
  }
});
// Where the kernel counts this thread's CPU time: /proc/PID/task/TID.
parentPort?.postMessage({ thread: readlinkSync('/proc/thread-self') });
