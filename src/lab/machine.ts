import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Duplex, Writable } from 'node:stream';
import { TunesmithError } from '../errors.js';
import { lockstepPath } from '../native.js';
import { Console } from './console.js';
import { Gate } from './gate.js';
import { Mailbox } from './mailbox.js';
import { type MachineShape, qemuArgs } from './qemu.js';
import { Qmp } from './qmp.js';

export interface MachineOptions {
  readonly qemu: string;
  readonly shape: MachineShape;
  readonly kernel: string;
  readonly image: string;
  /** Snapshot to restore; null boots cold. */
  readonly incoming: string | null;
  /** Stop at the snapshot point (to save the guest there) instead of going straight on. */
  readonly stopForSnapshot?: boolean;
  /** Handed to the agent before it starts: what to prepare. */
  readonly bootRequest: object;
  /** Somebody types at the guest's console: `input` is its keyboard, and no amount of output ends the machine. */
  readonly interactive?: boolean;
  /** The most wall-clock time any one wait may take, ms. */
  readonly wallLimitMs: number;
}

/** Woken as SCHED_BATCH, QEMU's other threads do not take the CPU from a guest's when there is a machine on every core. */
const BATCH = ['--batch', '0'];

/** After the control socket, the mailbox and the gates. */
const LOCKSTEP_FD = 7;

/** A guest that did not get anywhere within its limit of wall-clock time. */
export class GuestHung extends TunesmithError {
  constructor(message: string, hint: string) {
    super('guest', message, { hint });
  }
}

const isLive = (shape: MachineShape): boolean => shape.mode === 'fast';
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * One QEMU process. It cannot outlive this one: the kernel kills it with its parent (PR_SET_PDEATHSIG), and its
 * mailbox, gates and control socket are nameless. Whatever the guest does (panic, hang, flood the console)
 * becomes a TunesmithError of code `guest` in the call that waits for it.
 */
export class Machine {
  readonly console: Console;
  private exit: string | null = null;

  private constructor(
    private readonly child: ChildProcess,
    readonly qmp: Qmp,
    readonly mailbox: Mailbox,
    readonly gates: readonly [Gate, Gate],
    readonly options: MachineOptions,
  ) {
    this.console = new Console(child.stdout, child.stderr, options.interactive ? null : () => this.kill());
    child.stdin?.on('error', () => {}); // a guest that ends does not read what is typed
    child.once('error', (error) => this.ended(`cannot be started: ${error.message}`));
    child.once('exit', (code, signal) =>
      this.ended(signal ? `was ended by ${signal}` : `ended with status ${code}`),
    );
  }

  /** Starts QEMU; the guest boots (cold) or waits for `restore` (with `incoming`). */
  static async start(options: MachineOptions): Promise<Machine> {
    const mailbox = new Mailbox(options.shape.mailboxMib);
    const gates = Gate.pair();
    const live = isLive(options.shape);
    mailbox.writeRequest(live ? { ...options.bootRequest, live } : options.bootRequest);
    const fds = { qmp: 3, mailbox: 4, gates: [5, 6] as const };
    const args = qemuArgs(options.shape, {
      ...options,
      stopForSnapshot: options.stopForSnapshot ?? false,
      fds,
    });
    const lockstep = live ? null : openSync(lockstepPath(), 'r');
    const child = spawn('chrt', [...BATCH, 'setpriv', '--pdeathsig', 'KILL', options.qemu, ...args], {
      // By descriptor: LD_PRELOAD's paths end at spaces and colons, which a clone's path may have.
      env: live ? process.env : { ...process.env, LD_PRELOAD: `/proc/self/fd/${LOCKSTEP_FD}` },
      stdio: [
        options.interactive ? 'pipe' : 'ignore',
        'pipe',
        'pipe',
        'pipe',
        mailbox.fd,
        gates[0].fd,
        gates[1].fd,
        lockstep ?? 'ignore',
      ],
    });
    if (lockstep !== null) closeSync(lockstep);
    const machine = new Machine(child, new Qmp(child.stdio[3] as Duplex), mailbox, gates, options);
    try {
      await machine.within(machine.qmp.negotiate());
      if (!live) await machine.within(machine.assertLockstep());
      if (options.incoming !== null) await machine.restore(options.incoming);
    } catch (error) {
      machine.kill();
      throw error;
    }
    return machine;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Runs on the host's clock and is never frozen: its agent waits for requests instead of at gates. */
  get live(): boolean {
    return isLive(this.options.shape);
  }

  /** The guest's keyboard; null unless it is interactive. */
  get input(): Writable | null {
    return this.child.stdin;
  }

  /** @throws TunesmithError (guest) saying what became of the guest when it is gone. */
  assertRunning(): void {
    if (this.exit !== null) throw this.failure('before its next step');
  }

  /** A QEMU that does not take what is preloaded would answer now and then as the host's load has it. */
  private async assertLockstep(): Promise<void> {
    const lockstep = lockstepPath();
    if ((await readFile(`/proc/${this.pid}/maps`, 'utf8')).includes(basename(lockstep))) return;
    throw new TunesmithError(
      'incapable',
      `${this.options.qemu} runs without ${lockstep}: it would not be exact`,
      {
        hint: "a QEMU that is linked statically or has file capabilities cannot be used; Debian's can",
      },
    );
  }

  /** Polls `ready` until it holds; the wait is bounded by `limitMs` and ends early when QEMU does. */
  async until(ready: () => boolean, what: string, limitMs = this.options.wallLimitMs): Promise<void> {
    const deadline = Date.now() + limitMs;
    for (let pause = 0; ; pause = Math.min(pause + 0.2, 5)) {
      if (this.exit !== null) throw this.failure(`while waiting for ${what}`);
      if (ready()) return;
      if (Date.now() > deadline) throw this.overdue(what, limitMs);
      await sleep(pause);
    }
  }

  /** Bounds other work, a QMP call say, like `until` bounds a poll. */
  async within<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(this.overdue('QEMU')), this.options.wallLimitMs);
    });
    try {
      return await Promise.race([work, limit]);
    } catch (error) {
      if (this.exit === null) await sleep(50); // an exit explains a broken socket better than the socket does
      throw this.exit === null ? error : this.failure('while being controlled');
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends QEMU at once. Safe to call twice. */
  kill(): void {
    if (this.exit === null) this.child.kill('SIGKILL');
  }

  /** Ends QEMU and waits until it is gone. */
  async stop(): Promise<void> {
    this.kill();
    while (this.exit === null) await sleep(1);
  }

  private async restore(snapshot: string): Promise<void> {
    await this.within(this.qmp.execute('migrate-incoming', { uri: `file:${snapshot}` }));
    const deadline = Date.now() + this.options.wallLimitMs;
    while ((await this.within(this.qmp.status())) === 'inmigrate') {
      if (Date.now() > deadline) throw this.overdue('the snapshot to load');
      await sleep(2);
    }
  }

  private ended(how: string): void {
    if (this.exit !== null) return;
    this.exit = how;
    this.mailbox.close();
    for (const gate of this.gates) gate.close();
  }

  private failure(when: string): TunesmithError {
    const cause = this.console.verdict() ?? `QEMU ${this.exit}`;
    return new TunesmithError('guest', `the lab guest failed ${when}: ${cause}`, {
      hint: `its last words: ${this.console.tail(600) || '(none)'}`,
    });
  }

  private overdue(what: string, limitMs = this.options.wallLimitMs): TunesmithError {
    this.kill();
    const seconds = Math.round(limitMs / 1000);
    return new GuestHung(
      `the lab guest hung: ${what} took more than ${seconds} s of wall-clock time`,
      `its last words: ${this.console.tail(600) || '(none)'}`,
    );
  }
}
