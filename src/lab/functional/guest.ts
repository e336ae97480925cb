import { constants } from 'node:os';
import { z } from 'zod';
import { TunesmithError, usageError } from '../../errors.js';
import type { Entry } from '../cpio.js';
import { findQemu } from '../find-qemu.js';
import { resolveKernel } from '../kernels/resolve.js';
import type { Machine } from '../machine.js';
import { Session } from '../session.js';
import { machineShape } from '../shape.js';
import { Turnstile } from '../turnstile.js';
import { bootFile } from '../vmlinux.js';
import { functionalEntries, looseImage } from './image.js';
import { GUEST_ROOT } from './project.js';

export interface FunctionalOptions {
  /** A role (cfs, eevdf, scx, newest), a version, or the path of a vmlinuz. */
  readonly kernel: string;
  readonly cpus?: number;
  readonly memoryMib?: number;
  /**
   * `host`: its time is ours, and its CPUs are some fifteen times slower than ours. `instructions`: every instruction
   * takes 2 ns of its time, as in the lab's trials, however busy this machine is; it runs slower still.
   */
  readonly clock?: 'host' | 'instructions';
  /** Put into the guest beside the project: `fileEntry`, `treeEntries` and friends make them. */
  readonly extraFiles?: readonly Entry[];
  /** A person will sit at the guest's console. */
  readonly interactive?: boolean;
}

export interface ExecOptions {
  /** Added to the guest's own environment (PATH, HOME, LANG). */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: where the project is. */
  readonly cwd?: string;
  readonly stdin?: string | Buffer;
  /** Wall-clock ms after which the program's process group is killed; default one minute. */
  readonly timeoutMs?: number;
}

/** How a program ended: `status`, or the `signal` that ended it. */
export interface ExecResult {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  /** More than 8 MiB was written to a stream; what came after is lost. */
  readonly truncated: boolean;
}

/** Both streams' 8 MiB and the requests; a power of two, as a PCI device's memory must be. */
const MAILBOX_MIB = 32;
/** A boot takes seconds; this is for a host that is very busy. */
const BOOT_LIMIT_MS = 120_000;
const EXEC_LIMIT_MS = 60_000;
/** A guest that does not answer this long after a program's own limit hangs. */
const GRACE_MS = 20_000;

const ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LANG: 'C.UTF-8',
};

const execReply = z.object({
  status: z.int().nullable(),
  signal: z.int().nullable(),
  stdout_bytes: z.int().nonnegative(),
  stderr_bytes: z.int().nonnegative(),
  timed_out: z.boolean(),
  truncated: z.boolean(),
});

/** Signal numbers are the guest's, which is Linux like this machine. */
const signalName = (number: number): NodeJS.Signals =>
  (Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ??
    `SIG${number}`) as NodeJS.Signals;

/**
 * A guest to run programs in: a real kernel, Node and this project. On the host's clock it is not for measuring. One
 * program at a time; calls wait for each other.
 */
export class FunctionalGuest implements AsyncDisposable {
  private readonly turn = new Turnstile(1);

  constructor(private readonly session: Session) {}

  /** The QEMU process behind it, its console included. */
  get machine(): Machine {
    return this.session.machine;
  }

  /**
   * Runs a program to its end. What it leaves running goes on in the guest.
   * @throws TunesmithError (guest) when it cannot be started, or when the guest panics, hangs or floods its console;
   * after any of the last three every further call fails too.
   */
  exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    return this.turn.run(() => this.run(argv, options));
  }

  /** Writes a file, and the directories above it. */
  async put(path: string, body: string | Buffer, mode = 0o644): Promise<void> {
    const script = 'mkdir -p "$(dirname "$1")" && cat > "$1" && chmod "$2" "$1"';
    const done = await this.exec(['sh', '-c', script, 'put', path, mode.toString(8)], { stdin: body });
    if (done.status !== 0)
      throw new TunesmithError('guest', `${path} could not be written in the guest: ${done.stderr.trim()}`);
  }

  /** Ends the guest. Safe to call twice. */
  close(): Promise<void> {
    return this.session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async run(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    const { env = {}, cwd = GUEST_ROOT, stdin = '', timeoutMs = EXEC_LIMIT_MS } = options;
    if (argv.length === 0) throw usageError('argv', argv, 'names no program');
    if (!Number.isSafeInteger(timeoutMs) || timeoutMs <= 0)
      throw usageError('timeoutMs', timeoutMs, 'is not a positive number of milliseconds');
    const { mailbox } = this.machine;
    this.machine.assertRunning();
    const input = Buffer.from(stdin);
    mailbox.writeBulk(input);
    const request = {
      op: 'exec',
      argv,
      env: { ...ENVIRONMENT, ...env },
      cwd,
      timeout_ms: timeoutMs,
      stdin_bytes: input.length,
    };
    const reply = execReply.parse(await this.session.step(request, timeoutMs + GRACE_MS));
    const output = mailbox.readExport();
    return {
      status: reply.status,
      signal: reply.signal === null ? null : signalName(reply.signal),
      stdout: output.toString('utf8', 0, reply.stdout_bytes),
      stderr: output.toString('utf8', reply.stdout_bytes, reply.stdout_bytes + reply.stderr_bytes),
      timedOut: reply.timed_out,
      truncated: reply.truncated,
    };
  }
}

/**
 * Boots a functional guest, in a few seconds.
 * @throws TunesmithError usage for a bad kernel or CPU count, incapable for what this machine lacks, guest when it
 * does not boot.
 */
export async function bootFunctional(options: FunctionalOptions): Promise<FunctionalGuest> {
  const { cpus = 2, memoryMib = 1024, clock = 'host', extraFiles = [], interactive = false } = options;
  const mode = clock === 'host' ? 'fast' : 'exact';
  const shape = { ...machineShape({ cpus, memoryMib, mode }), mailboxMib: MAILBOX_MIB };
  const [qemu, kernel, entries] = await Promise.all([
    findQemu(),
    resolveKernel(options.kernel),
    functionalEntries(extraFiles),
  ]);
  const image = await looseImage(entries);
  try {
    const session = await Session.boot({
      qemu: qemu.path,
      shape,
      kernel: await bootFile(kernel.vmlinuz),
      image: image.path,
      incoming: null,
      bootRequest: { workload: 'idle', params: {} },
      interactive,
      wallLimitMs: BOOT_LIMIT_MS,
    });
    return new FunctionalGuest(session);
  } finally {
    image.close(); // QEMU has read it by now
  }
}
