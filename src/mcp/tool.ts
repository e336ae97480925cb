import type { z } from 'zod';
import type { Call } from '../govern/call.js';
import type { Services } from './services.js';

/** What a tool may do to the world; its annotations follow from it. */
export type Effect =
  | 'read' // looks
  | 'observe' // loads a sampler for a while
  | 'lab' // runs guests on this machine's CPUs
  | 'stage' // changes the kernel for a while
  | 'keep' // makes a change last
  | 'revert'; // puts something back

/** One call of a tool on its way through. */
export interface Visit {
  readonly services: Services;
  readonly caller: string;
  /** Aborted when the client cancels or goes away. */
  readonly signal: AbortSignal;
  /** Tells the client how far it is, when it asked to be told. */
  readonly progress: (done: number, total: number, message: string) => void;
}

/** What the rules have to know of a call besides its tool, caller and arguments. */
export type Touches = Pick<Call, 'policy' | 'values' | 'current' | 'scope' | 'reaches' | 'risk'>;

export interface Tool<I extends z.ZodObject = z.ZodObject, O extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  /** For whoever chooses among tools: what it does, what it needs, what comes back. */
  readonly description: string;
  readonly effect: Effect;
  readonly input: I;
  readonly output: O;
  /** Checks the arguments against the machine and says what the call touches. @throws TunesmithError */
  readonly touches?: (args: z.output<I>, visit: Visit) => Touches;
  readonly run: (args: z.output<I>, visit: Visit) => z.input<O> | Promise<z.input<O>>;
}

/** Types a tool by its own schemas, and then forgets them, so that tools of all kinds fit one list. */
export const tool = <I extends z.ZodObject, O extends z.ZodObject>(definition: Tool<I, O>): Tool =>
  definition as unknown as Tool;
