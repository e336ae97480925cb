import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { PROJECT_ROOT } from '../lab/functional/project.js';
import type { LintOptions } from './lint/look.js';
import { TEXT_RULES } from './lint/text.js';
import type { Question } from './lint/worker.js';
import type { StageVerdict } from './verdict.js';

export type { LintOptions } from './lint/look.js';

/**
 * The most CPU time a source may take, ms. The largest that is looked at takes a tenth of it; wall-clock time is no
 * measure, for then a busy machine would change a verdict.
 */
const CPU_LIMIT_MS = 10_000;
/** Between two looks at what a thread has used, ms. */
const LOOK_MS = 100;
/** Threads at once: one source that takes long holds up nobody else. */
const THREADS = 2;
const MEMORY_MIB = 1024;
/** A tick of the kernel's in /proc, ms: USER_HZ is 100 on every architecture. */
const TICK_MS = 10;

/** Beside this file once it is built; its tests, which run from the sources, take the built one. */
function workerFile(): string {
  const beside = fileURLToPath(new URL('./lint/worker.js', import.meta.url));
  return existsSync(beside) ? beside : join(PROJECT_ROOT, 'dist/verify/lint/worker.js');
}

/** CPU time a thread has used, ms (proc_pid_stat(5): utime and stime); 0 of one that has ended. */
function cpuMs(thread: string): number {
  let stat: string;
  try {
    stat = readFileSync(join('/proc', thread, 'stat'), 'utf8');
  } catch {
    return 0;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

type Answer = { verdict?: StageVerdict; error?: unknown; isStack?: boolean; thread?: string };

/** One thread that lints, a source at a time. */
class Thread {
  private readonly worker = new Worker(workerFile(), {
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB, stackSizeMb: 16 },
  });
  private place: string | undefined;
  private before = 0;
  private asked: { resolve(answer: Answer | undefined): void; reject(error: unknown): void } | undefined;

  constructor() {
    this.worker.on('message', (answer: Answer) => {
      if (answer.thread === undefined) return this.asked?.resolve(answer);
      this.place = answer.thread;
      this.before = cpuMs(answer.thread);
    });
    this.worker.on('exit', () => this.asked?.resolve(undefined));
    this.worker.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') this.asked?.resolve(undefined);
      else this.asked?.reject(error);
    });
  }

  /** @returns undefined when the source takes more than it may; the thread is ended then. */
  async ask(question: Question, limitMs: number): Promise<Answer | undefined> {
    if (this.place !== undefined) this.before = cpuMs(this.place);
    const look = setInterval(() => {
      if (this.place !== undefined && cpuMs(this.place) - this.before > limitMs) void this.worker.terminate();
    }, LOOK_MS);
    this.worker.ref();
    try {
      return await new Promise<Answer | undefined>((resolve, reject) => {
        this.asked = { resolve, reject };
        this.worker.postMessage(question);
      });
    } finally {
      this.asked = undefined;
      clearInterval(look);
      this.worker.unref();
    }
  }
}

const idle: Thread[] = [];
const waiting: (() => void)[] = [];
let busy = 0;

/**
 * Looks for the mistakes that can be seen in a policy's source. An error is certain to be one; doubt is a warning.
 * Any text is answered, whatever it is; bytes are taken for UTF-8, or else for Latin-1. It happens in a thread of its
 * own, and a source that takes too long there is told so: a server that lints goes on answering others meanwhile.
 */
export async function lintPolicy(
  source: string | Uint8Array,
  options: LintOptions,
  limitMs = CPU_LIMIT_MS,
): Promise<StageVerdict> {
  const started = performance.now();
  if (busy >= THREADS) await new Promise<void>((resolve) => waiting.push(resolve));
  busy++;
  const thread = idle.pop() ?? new Thread();
  try {
    const answer = await thread.ask({ source, options }, limitMs);
    if (answer === undefined) return tooMuch(options.file, started, limitMs);
    idle.push(thread);
    if (answer.verdict !== undefined) return { ...answer.verdict, tookMs: performance.now() - started };
    if (answer.isStack) return tooMuch(options.file, started, limitMs);
    throw answer.error;
  } finally {
    busy--;
    waiting.shift()?.();
  }
}

function tooMuch(file: string, started: number, limitMs: number): StageVerdict {
  const { id, severity } = TEXT_RULES.limit;
  const message = `looking at ${file} takes more than ${limitMs / 1000} s of CPU time, or more than ${MEMORY_MIB} MiB`;
  const hint = 'no policy needs that: look for text that repeats itself, and for deep nesting';
  const findings = [{ stage: 'lint' as const, rule: id, severity, message, hint }];
  return { stage: 'lint', findings, tookMs: performance.now() - started };
}
