import { usageError } from '../errors.js';
import { nearHint } from '../near.js';
import type { DayBook } from './day-book.js';
import { ModelError } from './failure.js';
import { added, NOTHING, type Spent } from './spent.js';

/** Limits of one run, and of one UTC day over all runs of this user. */
export interface Limits {
  readonly run: Partial<Spent>;
  readonly day: Partial<Spent>;
}

const WHAT = ['calls', 'tokens', 'usd'] as const;
const NAMES = [...WHAT, ...WHAT.map((name) => `${name}/day`)];

/**
 * Limits from `calls=200,tokens=1M,usd=0.50,usd/day=5`.
 * @throws TunesmithError (usage) naming --budget
 */
export function parseLimits(text: string): Limits {
  const limits: { run: Record<string, number>; day: Record<string, number> } = { run: {}, day: {} };
  for (const part of text.split(',')) {
    const [name = '', amount = ''] = part.split('=').map((side) => side.trim());
    if (!NAMES.includes(name)) throw usageError('--budget', name, 'is not known', nearHint(name, NAMES));
    const [, digits, scale] = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(amount) ?? [];
    const value = Number(digits) * (scale === 'k' ? 1e3 : scale === 'M' ? 1e6 : 1);
    if (digits === undefined || (!name.startsWith('usd') && !Number.isSafeInteger(value)))
      throw usageError(`--budget ${name}`, amount, 'is not an amount', 'for example tokens=500k or usd=0.5');
    limits[name.endsWith('/day') ? 'day' : 'run'][name.replace('/day', '')] = value;
  }
  return limits;
}

/**
 * Lets a call begin only if it cannot end above a limit: the most it may cost is set aside first, and what it did
 * cost is settled afterwards. Calls that overlap see what the others have set aside.
 */
export class Budget {
  private held = NOTHING;

  constructor(
    readonly limits: Limits,
    private readonly book: DayBook,
  ) {}

  /** What this run has spent, calls under way at their most. */
  get spent(): Spent {
    return this.held;
  }

  /**
   * Sets aside the most a call may cost; the function it returns settles what it did cost.
   * @throws ModelError (budget)
   */
  reserve(most: Spent): (actual: Spent) => void {
    refuseOver('this run', this.limits.run, this.held, most);
    const correct = this.book.reserve(most, (sofar) =>
      refuseOver('this day (UTC)', this.limits.day, sofar, most),
    );
    this.held = added(this.held, most);
    return (actual) => {
      const difference = added(actual, most, -1);
      this.held = added(this.held, difference);
      correct(difference);
    };
  }
}

function refuseOver(whose: string, limits: Partial<Spent>, sofar: Spent, most: Spent): void {
  for (const name of WHAT) {
    const limit = limits[name];
    if (limit === undefined || sofar[name] + most[name] <= limit) continue;
    const [spent, next] = [sofar[name], most[name]].map((value) => Number(value.toPrecision(3)));
    throw new ModelError(
      'budget',
      `the model budget of ${whose} is spent: ${spent} of ${limit} ${name}, and the next call may take ${next}`,
      { hint: 'raise it with --budget' },
    );
  }
}
