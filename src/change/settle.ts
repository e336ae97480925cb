import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readTask } from '../host/tasks.js';
import { isAlive } from '../state.js';
import { bootId } from './boot.js';
import { sweep } from './deadman.js';
import type { Journal, Row } from './journal.js';
import type { Change, ChangeEvent, ChangeState, EndReason, Item, SettledItem } from './types.js';
import { readUndo, removeUndo, type UndoFile, withFates } from './undo-file.js';
import { changeOf, idOf } from './view.js';

/** What the deadman's reason makes of a change that was staged. */
const STATE_AFTER: Readonly<Partial<Record<EndReason, ChangeState>>> = {
  asked: 'reverted',
  guardrail: 'reverted',
  ejected: 'reverted',
  panic: 'reverted',
  signal: 'reverted',
  refused: 'failed',
};

/**
 * A deadman whose owner is gone is putting back, or is dying and keeps its lock until it is dead: a killed process has to
 * be given the CPU once more for that.
 */
const DYING_MS = 5000;

let owner: string | undefined;

/** `PID:START` of this process, for telling later whether it is still there. */
export function ownerId(): string {
  owner ??= `${process.pid}:${readTask(process.pid)?.start ?? 0}`;
  return owner;
}

const isThere = (whose: string): boolean => {
  const [pid = '0', start] = whose.split(':');
  return isAlive(Number(pid)) && String(readTask(Number(pid))?.start) === start;
};

/** Brings the journal up to what the undo lists say. Every process may: a row is moved on once. */
export class Settler {
  constructor(
    private readonly dir: string,
    private readonly journal: Journal,
    private readonly tell: (event: ChangeEvent) => void,
    private readonly tree?: string,
  ) {}

  /** Everything that a crash or a reboot left open: puts it back, or finds it committed, and says so in the journal. */
  recover(): readonly Change[] {
    const ended: Change[] = [];
    const end = performance.now() + DYING_MS;
    for (;;) {
      const left = this.journal.inStates(['staged']).filter((row) => this.mayBeLeft(row));
      if (left.length > 0) sweep('recover', this.dir, this.tree);
      ended.push(...this.journal.inStates(['staged', 'committed']).flatMap((row) => this.settle(row) ?? []));
      const stays = this.journal.inStates(['staged']).some((row) => !isThere(row.owner));
      if (!stays || performance.now() > end) break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
    this.sweepSockets();
    return ended;
  }

  /**
   * One change, when its undo list says that it is over or committed; null when there is nothing new.
   * @param insteadOf what to call the end when only recovery knew of it
   */
  settle(row: Row, insteadOf: EndReason = 'recovery', notes: readonly string[] = []): Change | null {
    if (row.boot !== bootId()) return this.afterReboot(row);
    const undo = readUndo(this.dir, idOf(row.n));
    if (!undo)
      return row.state === 'staged' && !isThere(row.owner)
        ? this.end(row, 'failed', 'refused', null, ['nothing had been written'])
        : null;
    if (undo.state === 'committed') return row.state === 'staged' ? this.commit(row) : null;
    if (undo.state === 'staging' || undo.state === 'staged') return null;
    const reason = undo.reason === 'recovery' ? insteadOf : (undo.reason as EndReason);
    const state = row.state === 'committed' ? 'reverted' : (STATE_AFTER[reason] ?? 'expired');
    return this.end(row, state, reason, undo, notes);
  }

  /** `settle` after a commit was asked for: with the deadman's yes there is no need to look its undo list up. */
  kept(row: Row, answer: readonly string[] | null): Change | null {
    return answer?.[0] === 'ok' ? this.commit(row) : this.settle(row);
  }

  /** A change for which the deadman made no undo list: nothing was written. */
  drop(row: Row, note: string): Change | null {
    return this.end(row, 'failed', 'refused', null, [note]);
  }

  private commit(row: Row): Change | null {
    const moved = this.journal.commit(row);
    if (!moved) return null;
    const change = changeOf(moved);
    this.tell({ what: 'committed', change });
    return change;
  }

  private afterReboot(row: Row): Change | null {
    const state = row.state === 'staged' ? 'expired' : 'lapsed';
    return this.end(row, state, 'reboot', null, ['the kernel’s values are gone with their boot']);
  }

  private end(
    row: Row,
    state: ChangeState,
    end_reason: EndReason,
    undo: UndoFile | null,
    notes: readonly string[],
  ): Change | null {
    const items = JSON.parse(row.items) as Item[];
    const settled = undo ? withFates(items, undo) : items;
    const told = [
      ...(JSON.parse(row.notes) as string[]),
      ...notes,
      ...(undo ? remarks(withFates(items, undo)) : []),
    ];
    const moved = this.journal.end(row, {
      ...{ state, end_reason, items: JSON.stringify(settled), notes: JSON.stringify(told) },
    });
    // The list of what is stuck stays: the next start and `panic` try again.
    if (undo?.state !== 'stuck') removeUndo(this.dir, idOf(row.n));
    if (!moved) return null;
    const change = changeOf(moved);
    this.tell({ what: 'ended', change });
    return change;
  }

  /** Its deadman may be dead: the kernel knows (it drops the lock), and `sweep` asks it. */
  private mayBeLeft(row: Row): boolean {
    return row.boot === bootId() && (!isAlive(row.deadman) || !isThere(row.owner));
  }

  /** Sockets of deadmen that were killed. */
  private sweepSockets(): void {
    for (const name of readdirSync(this.dir)) {
      const pid = Number(/^(\d+)\.sock$/.exec(name)?.[1] ?? 0);
      if (pid > 0 && !isAlive(pid) && existsSync(join(this.dir, name)))
        rmSync(join(this.dir, name), { force: true });
    }
  }
}

function remarks(items: readonly SettledItem[]): string[] {
  return items.flatMap(({ knob, kind, place, fate, before, after, found }) => {
    if (kind === 'policy')
      return fate === 'stuck' ? [`${after} could not be ended: somebody else holds its link`] : [];
    const what = kind === 'slice' ? `${knob} of task ${place.split(':')[0]}` : `${knob} (${place})`;
    if (fate === 'foreign')
      return [
        `${what} was changed by somebody else, from ${after} to ${found ?? 'another value'}: left as it is`,
      ];
    if (fate === 'gone' && (kind === 'file' || found))
      return [`${what} is not there any more${found ? `: ${found}` : ''}`];
    if (fate === 'stuck') return [`${what} could not be put back to ${before}: ${found ?? 'refused'}`];
    return [];
  });
}
