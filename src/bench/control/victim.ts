/**
 * A process that stages, commits or reverts and is killed on the way. It takes its orders as a line of JSON, says `ready
 * DEADMAN-PID`, waits for another line, acts, and says what it was told had happened.
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Step } from '../../change/options.js';
import { Transactions } from '../../change/transactions.js';
import { messageOf } from '../../errors.js';
import { optionsFor, STAGED } from './knobs.js';

export const orderSchema = z.object({
  place: z.string().nullable(),
  dir: z.string(),
  verb: z.enum(['stage', 'commit', 'revert']),
  /** Where to kill; null: the killer chooses its own moment. */
  at: z.string().nullable(),
  kill: z.enum(['node', 'deadman', 'both']),
});
export type Order = z.infer<typeof orderSchema>;

/** What lost its deadman has put everything back by then. */
const MOST_MS = 1000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const PATIENCE_MS = 300_000;

async function act(order: Order, go: () => Promise<unknown>): Promise<void> {
  let armed = false;
  const changes: Transactions = new Transactions({
    ...optionsFor(order.place, order.dir),
    // A busy host may keep a guest waiting for seconds: what ends a change here is to be a death, and nothing else.
    leaseMs: PATIENCE_MS,
    onStep: (step: Step) => {
      if (!armed || step !== order.at) return;
      armed = false;
      if (order.kill !== 'node' && changes.deadmanPid) process.kill(changes.deadmanPid, 'SIGKILL');
      if (order.kill !== 'deadman') process.kill(process.pid, 'SIGKILL');
    },
  });
  const me = { caller: 'victim' };
  const stage = () => changes.stage({ values: STAGED, caller: 'victim', ttlMs: PATIENCE_MS }).token;
  // The deadman is there before anything is at stake, so that it can be killed at any moment.
  changes.revert(stage(), me);
  const token = order.verb === 'stage' ? '' : stage();
  if (order.verb === 'revert') changes.commit(token, me);
  say(`ready ${changes.deadmanPid}`);
  await go();
  armed = true;
  try {
    if (order.verb === 'stage') say(`staged ${stage()}`);
    else
      say(`${order.verb === 'commit' ? changes.commit(token, me).state : changes.revert(token, me).state}`);
  } catch (error) {
    say(`refused ${messageOf(error)}`);
  }
  armed = false;
  // One that only lost its deadman finds out by itself, and then ends like any other.
  const end = performance.now() + MOST_MS;
  while (stays(changes) && performance.now() < end) await sleep(20);
  changes.close();
}

/** Looking at one change asks nobody: the service has to find out of its own accord. */
const stays = (changes: Transactions): boolean =>
  ['c1', 'c2'].some((id) => isKnown(changes, id) && changes.find(id).state === 'staged');

function isKnown(changes: Transactions, id: string): boolean {
  try {
    return changes.find(id) !== null;
  } catch {
    return false;
  }
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { value: order, done } = await lines.next();
if (!done) await act(orderSchema.parse(JSON.parse(order)), () => lines.next());
process.exit(0);
