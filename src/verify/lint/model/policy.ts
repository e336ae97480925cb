import type { Syntax } from '../syntax/node.js';
import type { Macro, Rewritten } from '../syntax/rewrite.js';
import type { Constants } from './constants.js';

export interface Parameter {
  readonly name: string;
  readonly type: string;
}

/** A function of the policy. */
export interface Fn {
  readonly name: string;
  readonly params: readonly Parameter[];
  readonly body: Syntax;
  readonly node: Syntax;
  readonly returns: string;
  /** What `SEC()` says, or what a BPF_STRUCT_OPS macro stands for. */
  readonly section: string | undefined;
  readonly calls: readonly Call[];
}

export interface Call {
  /** The name without what follows `___`. */
  readonly name: string;
  readonly args: readonly Syntax[];
  readonly node: Syntax;
  readonly fn: Fn;
}

/** One `struct sched_ext_ops`. */
export interface OpsTable {
  readonly name: string;
  readonly node: Syntax;
  readonly fields: ReadonlyMap<string, Syntax>;
}

/** A BPF map. */
export interface MapInfo {
  readonly name: string;
  /** `BPF_MAP_TYPE_…`, or '' when it is not to be seen. */
  readonly type: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** A queue named in a call. */
export interface QueueUse {
  readonly call: Call;
  readonly text: string;
  /** Its number when that is constant. */
  readonly id: bigint | null;
}

/** A policy as rules see it. */
export interface Policy {
  readonly source: string;
  readonly rewritten: Rewritten;
  readonly root: Syntax;
  readonly constants: Constants;
  readonly functions: ReadonlyMap<string, Fn>;
  readonly calls: readonly Call[];
  readonly tables: readonly OpsTable[];
  readonly maps: ReadonlyMap<string, MapInfo>;
  /** Names of `const volatile` variables: set before load, so that dead branches are dropped. */
  readonly tunables: ReadonlySet<string>;
  /** Names of variables outside functions, tunables among them. */
  readonly globals: ReadonlySet<string>;
  /** Macros with arguments: what they are made of. */
  readonly macros: ReadonlyMap<string, string>;
  readonly declarations: readonly Macro[];
  /** Names that are declared without a body. */
  readonly declared: ReadonlySet<string>;
  readonly includes: readonly string[];
  /** Kfuncs of the target kernel, when the caller knows them. */
  readonly kfuncs: ReadonlySet<string> | undefined;
  /** The ops a function runs in, itself or through helpers; other programs as `other`, timers' functions as `timer`. */
  opsOf(fn: Fn): ReadonlySet<string>;
  /** The function an op is served by. */
  op(name: string): Fn | undefined;
  callsTo(...names: string[]): Call[];
  /** Whether a piece of source names a tunable. */
  restsOnTunable(node: Syntax): boolean;
}
