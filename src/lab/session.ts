import { TunesmithError } from '../errors.js';
import { WorkloadDied } from '../workloads/died.js';
import { Machine, type MachineOptions, STATE } from './machine.js';
import type { Qmp } from './qmp.js';

interface Reply {
  readonly ok: boolean;
  readonly error?: string;
}

/**
 * How the agent says that a program of the workload failed (native/agent: pgbench.cc, forkstorm.cc, process.cc). All
 * else it may report, such as a knob that the kernel does not take, is no fault of the workload's.
 */
const DIED = /: exit status \d+: |\bended early: |: still running after \d+ ms of virtual time$/;

/** What an agent's refusal is. */
export function failureOf(words: string): TunesmithError {
  const message = `the guest’s agent: ${words}`;
  return DIED.test(words) ? new WorkloadDied('guest', message) : new TunesmithError('guest', message);
}

/**
 * A synchronous conversation with a guest: one request, one step, one reply, the guest frozen in between. Cold
 * and restored machines go through the same gates, so there is one code path for every kind of trial.
 */
export class Session {
  private rounds = 0;

  private constructor(readonly machine: Machine) {}

  /** Boots cold, past the snapshot point, to the first gate: the workload is prepared. */
  static boot(options: MachineOptions): Promise<Session> {
    return Session.enter(options, async (session) => {
      await session.arrive();
      session.checkPrepared();
    });
  }

  /** Boots cold with the only step (`bootRequest.step`) on board; `outcome` has what it came to. */
  static once(options: MachineOptions): Promise<Session> {
    return Session.enter(options, (session) => session.arrive());
  }

  /** Boots to the snapshot point and stops there: the workload is prepared, one CPU is online. */
  static bootToSnapshot(options: MachineOptions & { readonly snapshot: string }): Promise<Session> {
    return Session.enter(options, async (session) => {
      let stopped = false;
      session.machine.qmp.event('STOP').then(() => {
        stopped = true;
      });
      await session.machine.until(() => stopped, 'the guest to boot');
      session.checkPrepared();
    });
  }

  /** Brings a guest back to the snapshot point and lets it on to the first gate. */
  static restore(options: MachineOptions & { readonly incoming: string }): Promise<Session> {
    return Session.enter(options, async (session) => {
      await session.machine.within(session.machine.qmp.execute('cont'));
      await session.arrive();
    });
  }

  private static async enter(
    options: MachineOptions,
    advance: (session: Session) => Promise<void>,
  ): Promise<Session> {
    const session = new Session(await Machine.start(options));
    try {
      await advance(session);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /**
   * Guest TSC at the gate it is frozen at: at the first gate, the fingerprint of how it got there. Of a guest with one
   * step, always the counter at the step's beginning.
   */
  tsc(): string {
    return this.machine.mailbox.tsc();
  }

  /** Writes the stopped guest to the file its options name (`snapshot`), and ends the machine. */
  async save(): Promise<void> {
    const { machine } = this;
    await machine.within(written(machine.qmp));
    await machine.stop();
  }

  /**
   * One step. The guest is frozen at gate A; it gets the request, runs, replies and freezes at gate A again. A live
   * guest is not frozen: it waits for the request's number.
   * @param limitMs wall-clock time it may take, when not the machine's limit.
   * @throws TunesmithError (guest) when the agent reports an error or the guest dies; WorkloadDied (guest) when the
   * agent reports that the workload failed.
   */
  async step<T>(request: object, limitMs?: number): Promise<T> {
    const { machine } = this;
    const { mailbox, gates } = machine;
    machine.assertRunning();
    const at = this.rounds * 4 + 1;
    mailbox.writeRequest(request);
    this.rounds++;
    if (machine.live) mailbox.post(this.rounds);
    else {
      await this.pass(gates[0], at + 1);
      await this.pass(gates[1], at + 2);
    }
    await this.arrive(limitMs);
    return this.reply();
  }

  /**
   * The reply of a guest that got its only step at boot, once it is done; the guest then waits to be ended.
   * @throws TunesmithError (guest) like `step`.
   */
  async outcome<T>(): Promise<T> {
    this.rounds = 1;
    await this.arrive();
    return this.reply();
  }

  /** Ends the machine. Safe to call twice. */
  async close(): Promise<void> {
    await this.machine.stop();
  }

  private reply<T>(): T {
    const reply = this.machine.mailbox.readReply() as Reply;
    if (!reply.ok) throw failureOf(reply.error ?? 'it does not say what failed');
    return reply as T;
  }

  private async pass(gate: { drain(): void; shut(): void }, phase: number): Promise<void> {
    const { machine } = this;
    await machine.until(() => {
      if (machine.mailbox.phase() >= phase) return true;
      gate.drain();
      return false;
    }, 'a gate to open');
    gate.shut();
  }

  private async arrive(limitMs?: number): Promise<void> {
    const { machine } = this;
    const what = this.rounds === 0 ? 'the guest to boot' : 'the step to end';
    await machine.until(() => machine.mailbox.phase() >= this.rounds * 4 + 1, what, limitMs);
  }

  private checkPrepared(): void {
    const ready = this.machine.mailbox.readReply() as Reply;
    if (!ready.ok)
      throw new TunesmithError('guest', `the guest could not prepare the workload: ${ready.error}`);
  }
}

/** Ends when QEMU has written the guest's state. @throws TunesmithError (guest) when it could not */
async function written(qmp: Qmp): Promise<void> {
  await qmp.execute('migrate', { uri: STATE });
  for (;;) {
    const { status } = (await qmp.execute('query-migrate')) as { status: string };
    if (status === 'completed') return;
    if (status === 'failed') throw new TunesmithError('guest', 'the snapshot could not be written');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
