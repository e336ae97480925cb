import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Duplex, Writable } from 'node:stream';
import { MachineFailed, TunesmithError } from '../errors.js';
import { lockstepPath } from '../native.js';
import { TargetLost } from '../workloads/died.js';
import { Allowance, type Overdue } from './allowance.js';
import { confinedQemu, FD, fdPath, Handed } from './confined-qemu.js';
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
  /** A file to be made: stop at the snapshot point, to save the guest there, instead of going straight on. */
  readonly snapshot?: string;
  /** Handed to the agent before it starts: what to prepare. */
  readonly bootRequest: object;
  /** Somebody types at the guest's console: `input` is its keyboard, and no amount of output ends the machine. */
  readonly interactive?: boolean;
  /** The most CPU time QEMU may use for any one wait, ms; what a busy machine withholds is not counted (allowance.ts). */
  readonly wallLimitMs: number;
  /** Ends the machine wherever it is. */
  readonly signal?: AbortSignal;
}

/** A guest that did not get anywhere in the CPU time it may have: its own doing, and it would do so again. */
export class GuestHung extends TargetLost {
  constructor(message: string, hint: string) {
    super('guest', message, { hint });
  }
}

const closed = (): TunesmithError => new TunesmithError('interrupted', 'the lab was closed meanwhile');

/** Where a guest's state is saved to, or comes from. */
export const STATE = `file:${fdPath(FD.state)}`;

const isLive = (shape: MachineShape): boolean => shape.mode === 'fast';
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * One QEMU process. It cannot outlive this one: the kernel kills it with its parent (PR_SET_PDEATHSIG), and its
 * mailbox, gates and control socket are nameless. Whatever the guest does (panic, hang, flood the console)
 * becomes a TunesmithError of code `guest` in the call that waits for it; what this machine does to QEMU (ends it, stops it,
 * gives it no CPU) becomes a MachineFailed.
 */
export class Machine {
  readonly console: Console;
  private exit: { readonly how: string; readonly isGuests: boolean } | null = null;

  private constructor(
    private readonly child: ChildProcess,
    readonly qmp: Qmp,
    readonly mailbox: Mailbox,
    readonly gates: readonly [Gate, Gate],
    readonly options: MachineOptions,
  ) {
    this.console = new Console(child.stdout, child.stderr, options.interactive ? null : () => this.kill());
    child.stdin?.on('error', () => {}); // a guest that ends does not read what is typed
    child.once('error', (error) => this.ended(`cannot be started: ${error.message}`, false));
    // A guest that powers off or reboots ends QEMU with 0, and nothing else does.
    child.once('exit', (code, signal) =>
      this.ended(signal ? `was ended by ${signal}` : `ended with status ${code}`, code === 0),
    );
  }

  /** Starts QEMU; the guest boots (cold) or waits for `restore` (with `incoming`). */
  static async start(options: MachineOptions): Promise<Machine> {
    const live = isLive(options.shape);
    const { snapshot, incoming } = options;
    const args = qemuArgs(options.shape, {
      kernel: fdPath(FD.kernel),
      image: fdPath(FD.image),
      incoming,
      stopForSnapshot: snapshot !== undefined,
      fds: FD,
    });
    const [launcher, line] = await confinedQemu(options.qemu, args, options.shape, {
      isRestored: incoming !== null,
      isSaved: snapshot !== undefined,
      isExact: !live,
      isInteractive: options.interactive ?? false,
    });
    const state = snapshot === undefined ? incoming : snapshot;
    using handed = new Handed(
      { kernel: options.kernel, image: options.image, lockstep: live ? null : lockstepPath() },
      state === null ? null : { path: state, isNew: snapshot !== undefined },
    );
    const gates = await Gate.pair();
    if (options.signal?.aborted) {
      for (const gate of gates) gate.close();
      throw closed();
    }
    const mailbox = new Mailbox(options.shape.mailboxMib);
    mailbox.writeRequest(live ? { ...options.bootRequest, live } : options.bootRequest);
    const child = spawn(launcher, line, {
      // By descriptor: LD_PRELOAD's paths end at spaces and colons, which a clone's path may have.
      env: { LC_ALL: 'C', ...(live ? {} : { LD_PRELOAD: fdPath(FD.lockstep) }) },
      cwd: '/',
      stdio: [
        ...([options.interactive ? 'pipe' : 'ignore', 'pipe', 'pipe', 'pipe'] as const),
        ...[mailbox.fd, gates[0].fd, gates[1].fd],
        ...[handed.lockstep ?? ('ignore' as const), handed.kernel, handed.image],
        handed.state ?? 'ignore',
      ],
    });
    const machine = new Machine(child, new Qmp(child.stdio[3] as Duplex), mailbox, gates, options);
    const kill = (): void => machine.kill();
    options.signal?.addEventListener('abort', kill, { once: true });
    child.once('exit', () => options.signal?.removeEventListener('abort', kill));
    try {
      await machine.within(machine.qmp.negotiate());
      if (!live) await machine.within(machine.assertLockstep());
      if (incoming !== null) await machine.restore();
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

  /**
   * Polls `ready` until it holds; ends early when QEMU does.
   * @param limitMs CPU time of QEMU's
   * @throws GuestHung when the guest has used that up, MachineFailed when this machine does not let it
   */
  async until(ready: () => boolean, what: string, limitMs = this.options.wallLimitMs): Promise<void> {
    const allowance = this.allowance(limitMs);
    for (let pause = 0; ; pause = Math.min(pause + 0.2, 5)) {
      if (this.exit !== null) throw this.failure(`while waiting for ${what}`);
      if (ready()) return;
      const over = allowance.over();
      if (over !== null) throw this.overdue(what, over, limitMs);
      await sleep(pause);
    }
  }

  /** Bounds other work, a QMP call say: QEMU itself answers those, whatever the guest does. */
  async within<T>(work: Promise<T>): Promise<T> {
    const allowance = this.allowance();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        const over = allowance.over();
        if (over !== null) reject(this.unresponsive('an answer of QEMU', over));
      }, 1000);
    });
    try {
      return await Promise.race([work, limit]);
    } catch (error) {
      if (this.exit === null) await sleep(50); // an exit explains a broken socket better than the socket does
      throw this.exit === null ? error : this.failure('while being controlled');
    } finally {
      clearInterval(timer);
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

  /** A live guest goes by this machine's clock, and may sleep as long as it likes: there the clock is the limit. */
  private allowance(limitMs = this.options.wallLimitMs): Allowance {
    return new Allowance(this.live ? null : this.pid, limitMs);
  }

  private async restore(): Promise<void> {
    await this.within(this.qmp.execute('migrate-incoming', { uri: STATE }));
    const allowance = this.allowance();
    while ((await this.within(this.qmp.status())) === 'inmigrate') {
      const over = allowance.over();
      if (over !== null) throw this.unresponsive('the snapshot to load', over);
      await sleep(2);
    }
  }

  private ended(how: string, isGuests: boolean): void {
    if (this.exit !== null) return;
    this.exit = { how, isGuests };
    this.mailbox.close();
    for (const gate of this.gates) gate.close();
  }

  /** What became of a guest that is gone: its own doing if it says so or has powered off, else this machine's. */
  private failure(when: string): TunesmithError {
    if (this.options.signal?.aborted) return closed();
    const verdict = this.console.verdict();
    const message = `the lab guest failed ${when}: ${verdict ?? `QEMU ${this.exit?.how}`}`;
    const hint = this.lastWords();
    return verdict !== null || this.exit?.isGuests
      ? new TargetLost('guest', message, { hint })
      : new MachineFailed(message, { hint });
  }

  private overdue(what: string, over: Overdue, limitMs: number): TunesmithError {
    if (over !== 'used up') return this.unresponsive(what, over);
    this.kill();
    const seconds = Math.round(limitMs / 1000);
    return new GuestHung(
      `the lab guest hung: ${what} took more than ${seconds} s of ${this.live ? 'wall-clock' : 'CPU'} time`,
      this.lastWords(),
    );
  }

  private unresponsive(what: string, over: Overdue): MachineFailed {
    this.kill();
    const why = {
      'used up': 'it used up its CPU time',
      'no CPU': 'it got too little CPU time',
      'standing still': 'its QEMU stands still',
    }[over];
    return new MachineFailed(`the lab failed while waiting for ${what}: ${why}`, { hint: this.lastWords() });
  }

  private lastWords(): string {
    return `its last words: ${this.console.tail(600) || '(none)'}`;
  }
}
