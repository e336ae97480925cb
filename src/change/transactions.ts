import { messageOf, TunesmithError, usageError } from '../errors.js';
import { HOST_SCHEDULER } from '../host/scheduler.js';
import { ensureDir } from '../state.js';
import { bootMs } from './boot.js';
import { commitThrough } from './commit.js';
import { sweep } from './deadman.js';
import { DeadmanLinks } from './deadman-links.js';
import { isOver, notYours, rowFor, rowOf } from './find.js';
import { type Locator, machineLocator, makePlan, type Plan } from './items.js';
import { Journal, type Row } from './journal.js';
import { changeDir, LEASE_MS, type Step, type TransactionsOptions } from './options.js';
import { assertLast, overlapping } from './overlap.js';
import { isOut, isPolicy, LoadedPolicy, type PolicyFault } from './policy.js';
import { PolicyKeeper } from './policy-keeper.js';
import { refusal } from './refusal.js';
import { type CheckedRequest, checkPolicyRequest, checkRequest, checkTtl } from './request.js';
import { Retries } from './retries.js';
import { knownUnder, newRow, withLate } from './row.js';
import { parseChangeScope } from './scope.js';
import { Settler } from './settle.js';
import {
  type Asker,
  CHANGE_STATES,
  type Change,
  type ChangeEvent,
  type ChangeService,
  type ChangeState,
  type EndReason,
  type Judged,
  type PolicyRequest,
  type Preview,
  type Staged,
  type StageRequest,
} from './types.js';
import { readUndo, undoLines } from './undo-file.js';
import { changeOf, idOf, whatBecame } from './view.js';
import { figuresOf, Watch } from './watch.js';

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
  private readonly retries = new Retries();
  private readonly policies = new PolicyKeeper(
    () => this.links.tick(),
    (n, fault) => this.atFault(n, fault),
    this.retries.report,
  );
  private closed = false;

  /** @throws TunesmithError (incapable) when the journal cannot be used, or nothing native is built */
  constructor(private readonly options: TransactionsOptions = {}) {
    this.dir = ensureDir(options.dir ?? changeDir());
    this.locate = options.locate ?? machineLocator();
    this.journal = new Journal(this.dir, options.onSync);
    this.settler = new Settler(this.dir, this.journal, (event) => this.tell(event), options.tree);
    const events = {
      ended: (ids: readonly string[]) => this.settleAll(ids),
      died: () => this.retries.attempt('deadman', () => this.deadmanDied()),
      failed: this.retries.report,
    };
    this.links = new DeadmanLinks(this.dir, options.leaseMs ?? LEASE_MS, events, options.tree);
    this.recovered = [...this.settler.recover(), ...this.findEjected()];
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
    return this.watched(checked, () => this.stageChecked(checked));
  }

  stagePolicy(request: PolicyRequest): Promise<Staged> {
    const checked = checkPolicyRequest(request);
    return this.watched(checked, () => {
      const known = knownUnder(this.journal, checked);
      if (known) return known;
      const policy = LoadedPolicy.load(request);
      try {
        return this.stageChecked(checked, policy);
      } catch (error) {
        policy[Symbol.dispose]();
        throw error;
      }
    });
  }

  previewPolicy(request: PolicyRequest): Preview {
    const { scope, values } = checkPolicyRequest(request);
    using policy = LoadedPolicy.load(request);
    const { items, before, warnings } = policy.plan;
    return { scope, before, after: values, items, warnings };
  }

  private async watched(checked: CheckedRequest, stage: () => Staged): Promise<Staged> {
    const { guardrails = [], metrics } = checked;
    if (!metrics || guardrails.length === 0) return stage();
    const { report } = this.retries;
    const watch = new Watch(guardrails, metrics, (judged) => this.breached(staged.change, judged), report);
    watch.setBaseline(await figuresOf(metrics));
    const staged = stage();
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

  commit(tokenOrId: string, asker: Asker, { force = false }: { readonly force?: boolean } = {}): Change {
    const row = rowFor(this.journal, tokenOrId, asker, ['staged']);
    this.step('committing');
    const answer = commitThrough(this.links, this.journal, row, force);
    this.step('kept');
    const change = this.settler.kept(this.current(row.n), answer) ?? changeOf(this.current(row.n));
    this.unwatch(row.n);
    if (change.state === 'committed') return change;
    throw isOver(change);
  }

  revert(tokenOrId: string, asker: Asker, why?: string): Change {
    const row = rowFor(this.journal, tokenOrId, asker, ['staged', 'committed']);
    assertLast(this.journal, row);
    const change = this.putBack(row, 'asked', why === undefined ? [] : [why]);
    // It was over already, and nobody had noticed yet.
    if (change.endReason === 'ttl' || change.endReason === 'lease') throw isOver(change);
    return change;
  }

  renew(tokenOrId: string, asker: Asker, ttlMs: number): Change {
    const row = rowFor(this.journal, tokenOrId, asker, ['staged']);
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
    return changeOf(rowOf(this.journal, tokenOrId));
  }

  list({ states = CHANGE_STATES, limit = 100 }: { states?: readonly ChangeState[]; limit?: number } = {}) {
    this.links.tick();
    this.findEjected();
    return this.journal.inStates(states, limit).map((row) => changeOf(row));
  }

  /** The token of a change that this caller staged. @throws TunesmithError (rejected) for another's */
  tokenOf(id: string, caller: string): string {
    const row = rowOf(this.journal, id);
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
    if (this.closed) return;
    this.closed = true;
    for (const watch of this.watches.values()) watch.stop();
    this.watches.clear();
    this.policies.close();
    const own = this.links.ownPid;
    const keeps = this.journal.inStates(['committed']).some((row) => row.deadman === own && isPolicy(row));
    // One that keeps a committed policy lives on, so its end is nothing to wait for.
    if (keeps) for (const id of this.stagedWith(own)) this.links.ask(own as number, 'revert', id, 'owner');
    this.links.close(!keeps);
    this.settleAll(this.stagedWith(own));
    // It had been killed, and nobody had noticed yet.
    if (this.stagedWith(own).length > 0) this.retries.attempt('deadman', () => this.deadmanDied());
    this.retries.again();
    this.journal.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @param policy what to attach between the journal and the deadman, which then holds its links */
  private stageChecked(request: CheckedRequest, policy?: LoadedPolicy): Staged {
    const known = knownUnder(this.journal, request);
    if (known) return known;
    const plan = policy?.plan ?? this.plan(request);
    this.step('planned');
    // Before the journal knows of it: a deadman that cannot be started must leave nothing behind.
    const deadman = this.links.own().pid;
    const row = this.added(request, plan, deadman);
    const { n } = row;
    this.step('journalled');
    const lines = `${idOf(n)}\t${request.ttlMs}\n${undoLines(plan.items)}${plan.lines}`;
    const answer = this.handedOver(n, deadman, lines, policy);
    this.step('in force');
    if (answer?.[0] !== 'ok') throw this.failed(n, plan, answer);
    if (policy) this.policies.keep(n, policy);
    try {
      const late = Number(answer[1]) > 0 ? withLate(row, plan, readUndo(this.dir, idOf(n))) : null;
      if (late) this.journal.grow(n, late);
      const change = changeOf({ ...row, ...late }, row.deadline_ms - row.ttl_ms);
      this.options.onEvent?.({ what: 'staged', change });
      this.step('staged');
      return { change, token: this.journal.token(n), warnings: plan.warnings, repeated: false };
    } catch (error) {
      // What cannot be recorded must not stay in force.
      this.retries.attempt(`back ${n}`, () => this.putBack(row, 'refused', ['it could not be recorded']));
      throw error;
    }
  }

  /** Attaches the policy, if there is one, and asks the deadman; a change that it never hears of is dropped. */
  private handedOver(n: number, deadman: number, lines: string, policy?: LoadedPolicy) {
    try {
      const held = policy?.attach() ?? [];
      const answer = this.links.askWith(held, deadman, 'stage', lines);
      policy?.letGo();
      return answer;
    } catch (error) {
      // Whoever has attached it and is refused lets go of it, too.
      this.drop(n, messageOf(error));
      throw error;
    }
  }

  /** Nothing of it was written: its knobs and its key are free again. */
  private drop(n: number, note: string): void {
    this.retries.attempt(`drop ${n}`, () => {
      if (this.current(n).state === 'staged') this.settler.drop(this.current(n), note);
      this.journal.freeKey(n);
    });
  }

  private plan({ values, scope, tasks }: CheckedRequest): Plan {
    const known = { dir: this.dir, journal: this.journal, tasks };
    const scheduler = this.options.scheduler ?? HOST_SCHEDULER;
    return makePlan(values, parseChangeScope(scope), scheduler, this.locate, known);
  }

  /** The second try is for what dead processes have left staged. */
  private added(request: CheckedRequest, plan: Plan, deadman: number): Row {
    const add = () => this.journal.add(() => newRow(this.journal, request, plan, deadman));
    try {
      return add();
    } catch (error) {
      if (!overlapping(this.journal, plan)) throw error;
      this.settler.recover();
      return add();
    }
  }

  /** Nothing is in force: says so in the journal. Gives the reason. */
  private failed(n: number, plan: Plan, answer: readonly string[] | null): TunesmithError {
    const error = refusal(plan.items, answer);
    this.retries.attempt(
      `failed ${n}`,
      () => void this.settler.settle(this.current(n), 'deadman', [error.message]),
    );
    this.drop(n, error.message);
    return error;
  }

  private putBack(row: Row, reason: EndReason, notes: readonly string[]): Change {
    this.step('reverting');
    // A committed policy has a keeper; without one it is out already, and any deadman can say so.
    const kept = row.state === 'staged' || isPolicy(row);
    const answer = kept ? this.links.ask(row.deadman, 'revert', idOf(row.n), reason) : null;
    if (answer === null && row.state === 'committed')
      this.links.ask(this.links.own().pid, 'revert', idOf(row.n), reason);
    this.step('put back');
    const write = () => {
      const settled = this.settler.settle(row, 'deadman', notes);
      this.over(row.n);
      return settled;
    };
    const change = this.retries.orLater(`back ${row.n}`, write) ?? changeOf(this.current(row.n));
    if (change.state !== 'staged' && change.state !== row.state) return change;
    const hint = 'run `tunesmith panic`';
    throw new TunesmithError('internal', `${change.id} could not be put back`, { hint });
  }

  private breached(change: Change, judged: Judged): void {
    const row = this.journal.row(numberOf(change.id));
    if (row?.state !== 'staged') return;
    this.judgements.set(row.n, judged);
    this.policies.blame(row.n, judged.breaches.join('; '));
    this.putBack(row, 'guardrail', judged.breaches);
  }

  private atFault(n: number, { reason, explanation }: PolicyFault): void {
    const row = this.journal.row(n);
    if (row?.state === 'staged' || row?.state === 'committed') this.putBack(row, reason, [explanation]);
  }

  /** Committed policies that are in force no longer, whoever put them out. */
  private findEjected(): Change[] {
    const out = this.journal.inStates(['committed']).filter(isOut);
    return out.map((row) => this.putBack(row, 'ejected', []));
  }

  /** Our deadman is dead: without one nothing may stay staged. */
  private deadmanDied(): void {
    sweep('recover', this.dir, this.options.tree);
    for (const row of this.journal.inStates(['staged'])) {
      this.settler.settle(row, 'deadman');
      this.over(row.n);
    }
  }

  /** Ids of what a deadman holds. */
  private stagedWith(deadman: number | null): string[] {
    return this.journal.inStates(['staged']).flatMap((row) => (row.deadman === deadman ? idOf(row.n) : []));
  }

  private settleAll(ids: readonly string[]): void {
    this.retries.again();
    for (const id of ids) this.retries.attempt(id, () => this.settled(numberOf(id)));
  }

  private settled(n: number): void {
    const row = this.journal.row(n);
    if (row?.state === 'staged') this.settler.settle(row);
    const state = this.journal.row(n)?.state;
    if (state === 'committed') this.unwatch(n);
    else if (state !== 'staged') this.over(n);
  }

  private unwatch(n: number): void {
    this.watches.get(n)?.stop();
    this.watches.delete(n);
  }

  private over(n: number): void {
    this.unwatch(n);
    this.policies.drop(n);
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
