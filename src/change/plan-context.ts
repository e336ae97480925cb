import type { Journal } from './journal.js';
import type { TaskMemory } from './types.js';

/** What a plan is made with besides the machine. */
export interface PlanContext {
  /** The journal's directory. */
  readonly dir: string;
  readonly journal: Pick<Journal, 'inStates'>;
  readonly tasks?: TaskMemory | undefined;
}
