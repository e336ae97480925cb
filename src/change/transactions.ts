import { join } from 'node:path';
import { messageOf, TunesmithError, usageError } from '../errors.js';
import { HOST_SCHEDULER } from '../host/scheduler.js';
import type { SchedulerClass } from '../knobs/types.js';
import { ensureDir, stateDir } from '../state.js';
import { bootId, bootMs } from './boot.js';
import { sweep } from './deadman.js';
import { DeadmanLinks } from './deadman-links.js';
import { type Locator, machineLocator, makePlan, type Plan } from './items.js';
import { Journal, type NewRow, type Row } from './journal.js';
import { assertFree, assertLast, overlapping } from './overlap.js';
import { refusal } from './refusal.js';
import { type CheckedRequest, checkRequest, checkTtl } from './request.js';
import { parseChangeScope } from './scope.js';
import { ownerId, Settler } from './settle.js';
import type {
  Asker,
  Change,
  ChangeEvent,
  ChangeService,
  ChangeState,
  EndReason,
  Judged,
  Preview,
  Staged,
  StageRequest,
} from './types.js';
import { CHANGE_STATES } from './types.js';
import { undoLines } from './undo-file.js';
import { changeOf, idOf, whatBecame } from './view.js';
import { Watch } from './watch.js';

/** Where a change is on its way; for harnesses that kill here (`tunesmith bench control`). */
export type Step =
  | 'planned'
  | 'journalled'
  | 'in force'
  | 'staged'
  | 'committing'
  | 'kept'
  | 'reverting'
  | 'put back';

export interface TransactionsOptions {
  /** Journal, undo lists and deadmen's sockets; default: `change` in the state directory. */
  readonly dir?: string | undefined;
  readonly locate?: Locator | undefined;
  readonly scheduler?: SchedulerClass | undefined;
  /** How long the deadman waits for a sign of life of this process before it puts everything back, ms. */
  readonly leaseMs?: number | undefined;
  /** Told of everything that happens to changes, as far as this process sees it. */
  readonly onEvent?: ((event: ChangeEvent) => void) | undefined;
  readonly onStep?: ((step: Step) => void) | undefined;
  /** Told how long each write of the journal took until it was on the disk, ms. */
  readonly onSync?: ((ms: number) => void) | undefined;
}

export const changeDir = (): string => join(stateDir(), 'change');
const LEASE_MS = 10_000;

/**
 * Transactions over this machine's knobs: stage, then commit or revert; what is only staged never outlives its time
 * or this process. ARCHITECTURE.md has the state machine, docs/control.md the guarantees.
 */
export class Transactions implements ChangeService, Disposable {
  /** What was found left open at the start and has been put back or settled. */
  readonly recovered: readonly Change[];
  private readonly dir: string;
  private readonly journal: Journal;
  private readonly settler: Settler;
  private readonly links: DeadmanLinks;
  private readonly locate: Locator;
  private readonly watches = new Map<number, Watch>();
  private readonly judgements = new Map<number, Judged>();

  /** @throws TunesmithError (incapable) when the journal cannot be used, or nothing native is built */
  constructor(private readonly options: TransactionsOptions = {}) {
    this.dir = ensureDir(options.dir ?? changeDir());
    this.locate = options.locate ?? machineLocator();
    this.journal = new Journal(this.dir, options.onSync);
    this.settler = new Settler(this.dir, this.journal, (event) => this.tell(event));
    this.links = new DeadmanLinks(this.dir, options.leaseMs ?? LEASE_MS, {
      ended: (ids) => this.settleAll(ids),
      died: () => this.deadmanDied(),
    });
    this.recovered = this.settler.recover();
  }

  stage(request: StageRequest): Staged {
    const checked = checkRequest(request);
    if (checked.metrics && checked.guardrails?.length)
      throw usageError(
        'guardrails',
        checked.guardrails.length,
        'need a look before the change',
        'call stageWatched',
      );
    return this.stageChecked(checked);
  }

  /** `stage` with guardrails: takes their figures once before, and judges them each second. @throws as `stage` */
  async stageWatched(request: StageRequest): Promise<Staged> {
    const checked = checkRequest(request);
    const { guardrails = [], metrics } = checked;
    if (!metrics || guardrails.length === 0) return this.stageChecked(checked);
    const watch = new Watch(guardrails, metrics, (judged) => this.breached(staged.change, judged));
    watch.setBaseline(await metrics());
    const staged = this.stageChecked(checked);
    if (staged.repeated) return staged;
    this.watches.set(numberOf(staged.change.id), watch);
    watch.start();
    return staged;
  }

  preview(request: StageRequest): Preview {
    const checked = checkRequest(request);
    const { items, before, warnings } = this.plan(checked);
    return { scope: checked.scope, before, after: checked.values, items, warnings };
  }

  commit(tokenOrId: string, asker: Asker): Change {
    const row = this.rowFor(tokenOrId, asker, ['staged']);
    this.step('committing');
    this.links.ask(row.deadman, 'commit', idOf(row.n));
    this.step('kept');
    const change = this.settler.settle(row) ?? changeOf(this.current(row.n));
    this.unwatch(row.n);
    if (change.state === 'committed') return change;
    throw isOver(change);
  }

  revert(tokenOrId: string, asker: Asker, why?: string): Change {
    const row = this.rowFor(tokenOrId, asker, ['staged', 'committed']);
    assertLast(this.journal, row);
    const change = this.putBack(row, 'asked', why === undefined ? [] : [why]);
    // It was over already, and nobody had noticed yet.
    if (change.endReason === 'ttl' || change.endReason === 'lease') throw isOver(change);
    return change;
  }

  renew(tokenOrId: string, asker: Asker, ttlMs: number): Change {
    const row = this.rowFor(tokenOrId, asker, ['staged']);
    const answer = this.links.ask(row.deadman, 'extend', idOf(row.n), String(checkTtl(ttlMs)));
    if (answer?.[0] === 'ok') {
      this.journal.extend(row.n, bootMs() + ttlMs);
      const change = changeOf(this.current(row.n));
      this.tell({ what: 'renewed', change });
      return change;
    }
    const change = this.settler.settle(row) ?? changeOf(this.current(row.n));
    throw isOver(change);
  }

  find(tokenOrId: string): Change {
    return changeOf(this.rowOf(tokenOrId));
  }

  list({ states = CHANGE_STATES, limit = 100 }: { states?: readonly ChangeState[]; limit?: number } = {}) {
    this.links.tick();
    return this.journal.inStates(states, limit).map(changeOf);
  }

  /** The token of a change that this caller staged. @throws TunesmithError (rejected) for another's */
  tokenOf(id: string, caller: string): string {
    const row = this.rowOf(id);
    if (row.caller !== caller) throw notYours(row);
    return this.journal.token(row.n);
  }

  /** Ties a text that goes through a caller's hands to this journal; compare with one made anew. */
  seal(text: string): string {
    return this.journal.seal(text);
  }

  /** The number of the deadman's process; null when nothing has been staged yet. */
  get deadmanPid(): number | null {
    return this.links.ownPid;
  }

  /** Puts back what dead deadmen and processes left, at any time. */
  recover(): readonly Change[] {
    return this.settler.recover();
  }

  close(): void {
    for (const watch of this.watches.values()) watch.stop();
    this.watches.clear();
    const own = this.links.ownPid;
    if (!this.links.close()) return;
    this.settleAll(this.stagedWith(own));
    // It had been killed, and nobody had noticed yet.
    if (this.stagedWith(own).length > 0) this.deadmanDied();
    this.journal.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  private stageChecked(request: CheckedRequest): Staged {
    const { caller, idempotencyKey } = request;
    const known = idempotencyKey === undefined ? undefined : this.journal.byKey(caller, idempotencyKey);
    if (known) return this.again(known, request);
    const plan = this.plan(request);
    this.step('planned');
    if (overlapping(this.journal, plan)) this.settler.recover();
    // Before the journal knows of it: a deadman that cannot be started must leave nothing behind.
    const deadman = this.links.own().pid;
    const n = this.journal.add(() => this.newRow(request, plan, deadman));
    this.step('journalled');
    const head = `${idOf(n)}\t${request.ttlMs}\n${undoLines(plan.items)}`;
    const answer = this.links.ask(deadman, 'stage', head);
    this.step('in force');
    if (answer?.[0] !== 'ok') throw this.failed(n, plan, answer);
    const change = changeOf(this.current(n));
    try {
      this.options.onEvent?.({ what: 'staged', change });
    } catch (error) {
      // What cannot be recorded must not stay in force.
      this.putBack(this.current(n), 'refused', ['it could not be recorded']);
      throw error;
    }
    this.step('staged');
    return { change, token: this.journal.token(n), warnings: plan.warnings, repeated: false };
  }

  private again(row: Row, { hash, idempotencyKey }: CheckedRequest): Staged {
    if (row.request !== hash)
      throw usageError(
        'idempotencyKey',
        idempotencyKey,
        `was used for ${idOf(row.n)}, which asked for something else`,
      );
    return { change: changeOf(row), token: this.journal.token(row.n), warnings: [], repeated: true };
  }

  private plan({ values, scope }: CheckedRequest): Plan {
    return makePlan(values, parseChangeScope(scope), this.options.scheduler ?? HOST_SCHEDULER, this.locate);
  }

  private newRow(request: CheckedRequest, plan: Plan, deadman: number): NewRow {
    assertFree(this.journal, plan);
    return {
      ...{
        caller: request.caller,
        scope: request.scope,
        key: request.idempotencyKey ?? null,
        request: request.hash,
      },
      ...{
        claims: JSON.stringify(plan.claims),
        items: JSON.stringify(plan.items),
        reason: request.reason ?? null,
      },
      ...{ before: JSON.stringify(plan.before), after: JSON.stringify(request.values) },
      ...{ boot: bootId(), owner: ownerId(), deadman, ttl_ms: request.ttlMs },
      ...{ staged_at: new Date().toISOString(), deadline_ms: bootMs() + request.ttlMs },
    };
  }

  /** Nothing is in force: says so in the journal. Gives the reason. */
  private failed(n: number, plan: Plan, answer: readonly string[] | null): TunesmithError {
    const error = refusal(plan.items, answer);
    const row = this.current(n);
    if (!this.settler.settle(row, 'deadman', [error.message])) this.settler.drop(row, error.message);
    this.journal.freeKey(n);
    return error;
  }

  private putBack(row: Row, reason: EndReason, notes: readonly string[]): Change {
    this.step('reverting');
    const holder = row.state === 'staged' ? row.deadman : this.links.own().pid;
    this.links.ask(holder, 'revert', idOf(row.n), reason);
    this.step('put back');
    this.unwatch(row.n);
    const change = this.settler.settle(row, 'deadman', notes) ?? changeOf(this.current(row.n));
    if (change.state !== 'staged' && change.state !== row.state) return change;
    throw new TunesmithError('internal', `${change.id} could not be put back`, {
      hint: 'run `tunesmith panic`',
    });
  }

  private breached(change: Change, judged: Judged): void {
    const row = this.journal.row(numberOf(change.id));
    if (row?.state !== 'staged') return;
    this.judgements.set(row.n, judged);
    this.putBack(row, 'guardrail', judged.breaches);
  }

  /** Our deadman is dead: without one nothing may stay staged. */
  private deadmanDied(): void {
    sweep('recover', this.dir);
    for (const row of this.journal.inStates(['staged'])) {
      this.settler.settle(row, 'deadman');
      this.unwatch(row.n);
    }
  }

  /** Ids of what a deadman holds. */
  private stagedWith(deadman: number | null): string[] {
    return this.journal.inStates(['staged']).flatMap((row) => (row.deadman === deadman ? idOf(row.n) : []));
  }

  private settleAll(ids: readonly string[]): void {
    for (const id of ids) {
      const row = this.journal.row(numberOf(id));
      if (row?.state === 'staged') this.settler.settle(row);
      if (row && this.journal.row(row.n)?.state !== 'staged') this.unwatch(row.n);
    }
  }

  private unwatch(n: number): void {
    this.watches.get(n)?.stop();
    this.watches.delete(n);
  }

  private rowFor(tokenOrId: string, asker: Asker, states: readonly ChangeState[]): Row {
    const row = this.rowOf(tokenOrId);
    const isToken = tokenOrId.startsWith('chg_');
    if ('caller' in asker && !isToken)
      throw usageError(
        'token',
        tokenOrId,
        'is an id, which gives no right to the change',
        'use the token from staging',
      );
    if ('caller' in asker && asker.caller !== row.caller) throw notYours(row);
    if (states.includes(row.state as ChangeState)) return row;
    throw isOver(changeOf(row));
  }

  private rowOf(tokenOrId: string): Row {
    const n = /^c[1-9]\d{0,14}$/.test(tokenOrId) ? numberOf(tokenOrId) : this.journal.numberOf(tokenOrId);
    const row = this.journal.row(n);
    if (row) return row;
    throw usageError('change', idOf(n), 'is not known', 'tunesmith change list');
  }

  private current(n: number): Row {
    return this.journal.row(n) as Row;
  }

  private tell(event: ChangeEvent): void {
    const n = numberOf(event.change.id);
    const judged = this.judgements.get(n);
    if (event.what === 'ended') this.judgements.delete(n);
    try {
      this.options.onEvent?.(judged === undefined ? event : { ...event, judged });
    } catch (error) {
      // It has happened; that nobody could note it down does not undo it.
      process.emitWarning(`${whatBecame(event.change)}, and that could not be recorded: ${messageOf(error)}`);
    }
  }

  private step(step: Step): void {
    this.options.onStep?.(step);
  }
}

const numberOf = (id: string): number => Number(id.slice(1));

const isOver = (change: Change): TunesmithError =>
  new TunesmithError('rejected', whatBecame(change), { hint: 'stage it again' });

const notYours = (row: Row): TunesmithError =>
  new TunesmithError('rejected', `${idOf(row.n)} was staged by another caller`, {
    hint: 'only who staged a change, or an operator of the machine, may end it',
  });
