import { availableParallelism } from 'node:os';
import { MachineFailed, messageOf, TunesmithError, usageError } from '../errors.js';
import { KNOBS } from '../knobs/catalogue.js';
import { Once } from '../state/once.js';
import { isOneShot } from './arch.js';
import { asMachines, type Making, offFingerprint } from './known-guest.js';
import type { MachineOptions } from './machine.js';
import { policyRun } from './policy.js';
import { type Series, type SeriesStep, seriesSteps, seriesWindows } from './series.js';
import { Session } from './session.js';
import { dropSnapshot, snapshot } from './snapshot.js';
import { stepRequest } from './step.js';
import { Store } from './store.js';
import {
  baseKey,
  courseKey,
  courseReplies,
  describeReply,
  type GuestDescription,
  measureReply,
  onceKey,
  type TrialResult,
  type TrialSpec,
  toMeasurement,
  trialKey,
  trialResult,
} from './trial.js';
import { Turnstile } from './turnstile.js';
import { combined } from './windows.js';

/** Files a spec's hashes stand for. */
export interface TrialFiles {
  readonly qemu: string;
  readonly kernel: string;
  readonly image: string;
  /** The policy’s object, which the spec’s hash is of. */
  readonly policy?: Buffer;
}

export interface LabOptions {
  /** Ignore cached results (they are still written). */
  readonly fresh?: boolean;
  /** Machines at once; default: one a host core. */
  readonly machines?: number;
  readonly store?: Store;
  /** The most CPU time one step may take, ms; default: what the longest window may need on a slow machine. */
  readonly stepLimitMs?: number;
}

/** How often a snapshot is made until one is the known one; QEMU’s threads race while it is taken (native/agent/gate.h). */
const ATTEMPTS = 10;
const COLD_ATTEMPTS = 2;
/** How often work is done that this machine did not let finish; a guest that is begun again does the same again. */
const TRIES = 2;

/** Between the seeds of one trial's windows, so that they are not the next trials' seeds. */
const SEED_STRIDE = 1000;

/** CPU time a machine may use for one wait: generous, because CPUs differ and nothing waits for it in vain. */
const wallLimitMs = (spec: TrialSpec): number =>
  180_000 + ((spec.warmupNs + spec.windowNs) / 1e6) * 20 * Math.max(1, spec.shape.cpus / 4);

/**
 * Runs trials. Search and referee trials share every step but the first: restore or cold boot. Guests that have one
 * step only (arm64) always boot cold.
 */
export class Lab {
  private readonly store: Store;
  private readonly turnstile: Turnstile;
  private readonly fresh: boolean;
  private readonly stepLimitMs: number | undefined;
  private readonly open = new Set<Session>();
  /** Trials under way: who asks for one of them again waits for it. */
  private readonly running = new Once<TrialResult>();
  private readonly stop = new AbortController();

  constructor(options: LabOptions = {}) {
    this.store = options.store ?? new Store();
    this.turnstile = new Turnstile(options.machines ?? availableParallelism());
    this.fresh = options.fresh ?? false;
    this.stepLimitMs = options.stepLimitMs;
  }

  /** Aborts when the lab is closed. */
  get signal(): AbortSignal {
    return this.stop.signal;
  }

  /** Whether the cache has it, so that it costs nothing. */
  knowsTrial(spec: TrialSpec, rigour: 'search' | 'referee'): boolean {
    return !this.fresh && this.store.has(trialKey(spec), rigour);
  }

  /** The same of a series. */
  knowsSeries(spec: TrialSpec, files: TrialFiles, windows: readonly SeriesStep[]): boolean {
    return !this.fresh && this.store.has(courseKey(spec, seriesSteps(spec, windows, files.policy)), 'search');
  }

  /** One trial: from the cache when it is known, else measured. */
  async trial(spec: TrialSpec, files: TrialFiles, rigour: 'search' | 'referee'): Promise<TrialResult> {
    const key = trialKey(spec);
    const known = this.fresh ? null : this.store.result(key, rigour, trialResult);
    if (known) return { ...known, cached: true };
    return this.running.do(`${key} ${rigour}`, () => this.measure(spec, files, rigour, key));
  }

  private async measure(
    spec: TrialSpec,
    files: TrialFiles,
    rigour: 'search' | 'referee',
    key: string,
  ): Promise<TrialResult> {
    const result = await this.turnstile.run(async () => {
      const started = Date.now();
      const requests = Array.from({ length: spec.windows }, (_, i) =>
        stepRequest({ ...spec, seed: spec.seed + i * SEED_STRIDE }, files.policy),
      );
      const { start, replies } = await this.converse(spec, files, rigour, requests);
      const measured = replies.map((reply) => measureReply.parse(reply));
      const policyRuns = measured.flatMap(({ policy }) => (policy ? [policyRun(policy)] : []));
      return {
        ...combined(measured.map(toMeasurement)),
        key,
        rigour,
        fingerprint: { start, end: String(measured.at(-1)?.tsc) },
        ...(policyRuns.length === 0 ? {} : { policyRuns }),
        cached: false,
        wallMs: Date.now() - started,
      };
    });
    this.store.keep(key, rigour, spec, result);
    return result;
  }

  /** What the guest says of itself: its kernel, and the knobs' values before anything was changed. */
  async describe(spec: TrialSpec, files: TrialFiles): Promise<GuestDescription> {
    const key = `${baseKey(spec)}:describe`;
    const known = this.store.result(key, 'search', describeReply);
    if (known) return known;
    const knobs = KNOBS.map(({ name, debugfs }) => ({ name, path: debugfs }));
    const description = describeReply.parse(await this.ask(spec, files, { op: 'describe', knobs }));
    this.store.keep(key, 'search', spec, description);
    return description;
  }

  /** One request to a guest of that spec (not cached), and the agent's reply. @throws TunesmithError (guest) */
  ask(spec: TrialSpec, files: TrialFiles, request: object): Promise<unknown> {
    return this.turnstile.run(async () => (await this.converse(spec, files, 'search', [request])).replies[0]);
  }

  /**
   * Steps one after the other in one guest, and the agent's reply to each, with the archive as `exported` where files
   * were asked for; all of them from the cache when they are known. Whoever stops listening ends the guest. `limitMs`
   * is CPU time for each step. A guest that this machine lost is begun again, unnoticed.
   * @throws TunesmithError (guest), MachineFailed when it was lost again
   */
  async *course(
    spec: TrialSpec,
    files: TrialFiles,
    steps: readonly object[],
    limitMs = this.stepLimitMs,
  ): AsyncGenerator<unknown, void> {
    const key = courseKey(spec, steps);
    const known = this.fresh ? null : this.store.result(key, 'search', courseReplies);
    if (known) {
      yield* known.replies;
      return;
    }
    const replies: unknown[] = [];
    for (let tries = 1; replies.length < steps.length; tries++) {
      try {
        for await (const reply of this.coursed(spec, files, { steps, limitMs, from: replies.length })) {
          if (replies.push(reply) === steps.length) this.store.keep(key, 'search', spec, { replies });
          yield reply;
        }
      } catch (error) {
        this.tryAgain(error, tries);
      }
    }
  }

  /** Takes all the steps, and hands on the replies to those from `from` on. */
  private async *coursed(
    spec: TrialSpec,
    files: TrialFiles,
    { steps, limitMs, from }: { steps: readonly object[]; limitMs: number | undefined; from: number },
  ): AsyncGenerator<unknown, void> {
    const session = await this.enter(spec, files, 'search');
    try {
      for (const [at, step] of steps.entries()) {
        const said = await session.step<object>(step, limitMs);
        const isExport = 'op' in step && step.op === 'export';
        const exported = isExport && { exported: session.machine.mailbox.readExport().toString('latin1') };
        if (at >= from) yield { ...said, ...exported };
      }
    } finally {
      await this.leave(session);
    }
  }

  /** Returns where work that ended so is to be done again. @throws what it ended with otherwise */
  private tryAgain(error: unknown, tries: number): void {
    if (this.stop.signal.aborted) throw new TunesmithError('interrupted', 'the lab was closed meanwhile');
    if (!(error instanceof MachineFailed) || tries >= TRIES) throw error;
    process.stderr.write(`${messageOf(error)}; it is tried again\n`);
  }

  /**
   * Windows one after the other in one restored guest under a policy that is loaded once and stays, if the
   * spec has one; no more after the first in which it did not hold. From the cache when they are known.
   * @throws TunesmithError rejected when the kernel refuses the policy, guest when the guest is lost; MachineFailed
   */
  series(spec: TrialSpec, files: TrialFiles, windows: readonly SeriesStep[]): Promise<Series> {
    const steps = seriesSteps(spec, windows, files.policy);
    const work = async () => ({
      key: courseKey(spec, steps),
      windows: await seriesWindows(spec, this.course(spec, files, steps)),
    });
    return this.turnstile.run(work);
  }

  /** A guest's clock before the first of these steps, and the agent's replies. */
  private async converse(
    spec: TrialSpec,
    files: TrialFiles,
    rigour: 'search' | 'referee',
    requests: readonly object[],
  ): Promise<{ start: string; replies: unknown[] }> {
    for (let tries = 1; ; tries++) {
      try {
        return isOneShot(spec.shape)
          ? await this.boots(spec, files, requests)
          : await this.stepped(spec, files, rigour, requests);
      } catch (error) {
        this.tryAgain(error, tries);
      }
    }
  }

  private async stepped(
    spec: TrialSpec,
    files: TrialFiles,
    rigour: 'search' | 'referee',
    requests: readonly object[],
  ): Promise<{ start: string; replies: unknown[] }> {
    const session = await this.enter(spec, files, rigour);
    try {
      const start = session.tsc();
      const replies: unknown[] = [];
      for (const request of requests) replies.push(await session.step(request, this.stepLimitMs));
      return { start, replies };
    } finally {
      await this.leave(session);
    }
  }

  /** The same with guests of one step only: each request is given to a guest of its own at boot. */
  private async boots(
    spec: TrialSpec,
    files: TrialFiles,
    requests: readonly object[],
  ): Promise<{ start: string; replies: unknown[] }> {
    const replies: unknown[] = [];
    let start = '';
    for (const request of requests) {
      const guest = await this.cold(this.machineOptions(spec, files), onceKey(spec, request), request);
      const session = this.opened(guest);
      try {
        start ||= session.tsc();
        replies.push(await session.outcome());
      } finally {
        await this.leave(session);
      }
    }
    return { start, replies };
  }

  /**
   * A guest at its first gate, for as many steps as wanted; the caller hands it back to `leave`.
   * @throws TunesmithError (usage) when such a guest has no gates.
   */
  async enter(spec: TrialSpec, files: TrialFiles, rigour: 'search' | 'referee'): Promise<Session> {
    if (isOneShot(spec.shape))
      throw usageError('--arch', spec.shape.arch, 'has guests of one step only', 'sessions need x64');
    const machine = this.machineOptions(spec, files);
    return this.opened(
      await (rigour === 'referee' ? this.cold(machine, baseKey(spec)) : this.restored(spec, machine)),
    );
  }

  private machineOptions(spec: TrialSpec, files: TrialFiles): MachineOptions {
    return {
      ...{ qemu: files.qemu, shape: spec.shape, kernel: files.kernel, image: files.image },
      incoming: null,
      bootRequest: { workload: spec.workload, params: spec.parameters },
      wallLimitMs: wallLimitMs(spec),
      signal: this.stop.signal,
    };
  }

  private opened(session: Session): Session {
    this.open.add(session);
    return session;
  }

  /** Ends a session's machine. */
  async leave(session: Session): Promise<void> {
    this.open.delete(session);
    await session.close();
  }

  /** Ends every machine and the cache. Safe to call twice. */
  async close(): Promise<void> {
    if (this.stop.signal.aborted) return;
    this.stop.abort();
    await Promise.all([...this.open].map((session) => this.leave(session)));
    this.store.close();
  }

  /**
   * Boots cold; with its only step on board when there is one. A boot that is off is told and booted once more: it was
   * seen before QEMU was kept in step (native/lab/lockstep.c), and must not be again.
   */
  private cold(machine: MachineOptions, base: string, step?: object): Promise<Session> {
    return this.asKnown(base, 'referee', {
      ...{ what: `cold boot of ${base}`, again: 'it is booted again', attempts: COLD_ATTEMPTS },
      hint: 'the lab is not exact on this machine; please report it with the output of `tunesmith doctor`',
      make: () =>
        step === undefined
          ? Session.boot(machine)
          : Session.once({ ...machine, bootRequest: { ...machine.bootRequest, step } }),
    });
  }

  private restored(spec: TrialSpec, machine: MachineOptions): Promise<Session> {
    const base = baseKey(spec);
    return this.asKnown(base, 'search', {
      ...{ what: `snapshot ${base}`, again: 'it is made again', attempts: ATTEMPTS },
      make: async () => Session.restore({ ...machine, incoming: await snapshot(base, machine) }),
      discard: () => dropSnapshot(base),
    });
  }

  /**
   * Makes a guest until it is the one that is known for its base; the first of a base becomes the known one. Where two in
   * a row agree with each other and not with that one, it was the one that was off.
   */
  private async asKnown(
    base: string,
    rigour: 'search' | 'referee',
    { what, again, attempts, hint, make, discard = () => {} }: Making,
  ): Promise<Session> {
    let before: string | null = null;
    for (let attempt = 1; ; attempt++) {
      const session = await make().catch((error: unknown) => {
        throw this.store.fingerprint(base, rigour) === null ? error : asMachines(error);
      });
      const known = this.store.fingerprint(base, rigour);
      const off = offFingerprint(session, known);
      if (off === null) {
        if (known === null) this.store.keepFingerprint(base, rigour, session.tsc());
        return session;
      }
      if (session.tsc() === before) {
        process.stderr.write(`${what}: ${off}, twice; what was measured at ${known} is measured again\n`);
        this.store.refuteFingerprint(base, rigour, before);
        return session;
      }
      before = session.tsc();
      await session.close();
      discard();
      if (attempt === attempts)
        throw new TunesmithError('internal', `${what}: ${off}, ${attempts} times`, { ...(hint && { hint }) });
      process.stderr.write(`${what}: ${off}; ${again}\n`);
    }
  }
}
