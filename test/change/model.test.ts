/**
 * The state machine of ARCHITECTURE.md as a model, and random walks over both: whatever happens in whatever order, the
 * files hold what the model says, and so does the journal.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Transactions } from '../../src/change/transactions.js';
import type { ChangeState } from '../../src/change/types.js';
import { isAlive } from '../../src/state.js';
import { FIRST, type Name, thrown, Workbench } from './bench.js';

interface Modelled {
  readonly knob: Name;
  readonly before: number;
  readonly after: number;
  state: ChangeState;
}

/** What should be true. */
class Model {
  readonly files: Record<Name, number> = { ...FIRST };
  readonly changes = new Map<string, Modelled>();

  open(knob: Name): [string, Modelled][] {
    return [...this.changes].filter(([, change]) => change.knob === knob && change.state === 'staged');
  }

  /** Somebody else's value stays. */
  putBack(change: Modelled, state: ChangeState): void {
    if (this.files[change.knob] === change.after) this.files[change.knob] = change.before;
    change.state = state;
  }

  endStaged(state: ChangeState): void {
    for (const change of [...this.changes.values()].reverse())
      if (change.state === 'staged') this.putBack(change, state);
  }

  /** A later change on the same knob that is in force. */
  hasLater(id: string, knob: Name): boolean {
    const n = Number(id.slice(1));
    return [...this.changes].some(
      ([other, { knob: its, state }]) =>
        Number(other.slice(1)) > n && its === knob && (state === 'staged' || state === 'committed'),
    );
  }
}

interface Real {
  readonly bench: Workbench;
  changes: Transactions;
}

const KNOBS: readonly Name[] = ['base_slice_ns', 'migration_cost_ns', 'nr_migrate'];
const VALUES: Readonly<Record<Name, readonly number[]>> = {
  base_slice_ns: [1_000_000, 6_000_000, 9_000_000],
  migration_cost_ns: [10_000, 900_000],
  nr_migrate: [8, 64],
};
const ME = { caller: 'model' };
const SEEN_FOREIGN = { base_slice_ns: 1_234_567, migration_cost_ns: 77_777, nr_migrate: 13 };

type Step = fc.Command<Model, Real>;

/** After every step the files and the journal say what the model says. */
function check(model: Model, real: Real): void {
  for (const knob of KNOBS) expect(real.bench.value(knob)).toBe(model.files[knob]);
  const states = Object.fromEntries([...model.changes].map(([id, { state }]) => [id, state]));
  expect(Object.fromEntries(real.changes.list().map(({ id, state }) => [id, state]))).toEqual(states);
}

const command = (name: string, run: (model: Model, real: Real) => void): Step => ({
  check: () => true,
  run: (model, real) => {
    run(model, real);
    check(model, real);
  },
  toString: () => name,
});

const stage = (knob: Name, choice: number): Step =>
  command(`stage ${knob} ${choice}`, (model, { changes }) => {
    const after = VALUES[knob][choice % VALUES[knob].length] as number;
    const request = { values: { [knob]: after }, caller: 'model' };
    if (model.open(knob).length > 0) {
      expect(thrown(() => changes.stage(request)).code).toBe('rejected');
      return;
    }
    const { change } = changes.stage(request);
    model.changes.set(change.id, { knob, before: model.files[knob], after, state: 'staged' });
    model.files[knob] = after;
  });

/** Picks any change there ever was, by its token. */
const picked = (model: Model, changes: Transactions, pick: number): [string, Modelled, string] | null => {
  const all = [...model.changes];
  if (all.length === 0) return null;
  const [id, change] = all[pick % all.length] as [string, Modelled];
  return [id, change, changes.tokenOf(id, 'model')];
};

const commit = (pick: number): Step =>
  command(`commit ${pick}`, (model, { changes }) => {
    const [, change, token] = picked(model, changes, pick) ?? [];
    if (!change || !token) return;
    // What is not in force any more is not committed.
    if (change.state === 'staged' && model.files[change.knob] === change.after) {
      expect(changes.commit(token, ME).state).toBe('committed');
      change.state = 'committed';
    } else expect(thrown(() => changes.commit(token, ME)).code).toBe('rejected');
  });

const revert = (pick: number): Step =>
  command(`revert ${pick}`, (model, { changes }) => {
    const [id, change, token] = picked(model, changes, pick) ?? [];
    if (!id || !change || !token) return;
    const may =
      (change.state === 'staged' || change.state === 'committed') && !model.hasLater(id, change.knob);
    if (!may) {
      expect(thrown(() => changes.revert(token, ME)).code).toBe('rejected');
      return;
    }
    expect(changes.revert(token, ME).state).toBe('reverted');
    model.putBack(change, 'reverted');
  });

const foreign = (knob: Name): Step =>
  command(`somebody writes ${knob}`, (model, { bench }) => {
    bench.set(knob, SEEN_FOREIGN[knob]);
    model.files[knob] = SEEN_FOREIGN[knob];
  });

const restart = command('the process ends and another starts', (model, real) => {
  real.changes.close();
  model.endStaged('expired');
  real.changes = real.bench.open();
});

const killDeadman = command('the deadman is killed', (model, real) => {
  const pid = real.changes.deadmanPid;
  if (pid === null) return;
  process.kill(pid, 'SIGKILL');
  // A zombie until it is buried, which the next look does.
  expect(isAlive(pid)).toBe(true);
  real.changes.list();
  model.endStaged('expired');
});

const endDeadman = command('the deadman is told to end', (model, real) => {
  const pid = real.changes.deadmanPid;
  if (pid === null) return;
  process.kill(pid, 'SIGTERM');
  real.changes.list();
  for (let looks = 0; real.changes.deadmanPid !== null && looks < 10_000; looks++) real.changes.list();
  model.endStaged('reverted');
});

it('is the machine that ARCHITECTURE.md describes', () => {
  const knob = fc.constantFrom(...KNOBS);
  const commands = [
    fc.tuple(knob, fc.nat(5)).map(([name, choice]) => stage(name, choice)),
    fc.tuple(knob, fc.nat(5)).map(([name, choice]) => stage(name, choice)),
    fc.nat(20).map(commit),
    fc.nat(20).map(revert),
    knob.map(foreign),
    fc.constant(restart),
    fc.constant(killDeadman),
    fc.constant(endDeadman),
  ];
  fc.assert(
    fc.property(fc.commands(commands, { maxCommands: 25 }), (steps) => {
      const bench = new Workbench();
      try {
        fc.modelRun(() => ({ model: new Model(), real: { bench, changes: bench.open() } }), steps);
      } finally {
        bench.close();
      }
    }),
    { numRuns: 60 },
  );
});
