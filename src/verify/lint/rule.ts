import type { Finding } from '../verdict.js';
import type { Policy } from './model/policy.js';
import type { Syntax } from './syntax/node.js';

/** What a rule has to say about one place. */
export interface Report {
  /** A node, an offset, or null for the file as a whole. */
  readonly at: Syntax | number | null;
  readonly message: string;
  readonly hint?: string;
  /** Where it is less certain than the rule's own severity says. */
  readonly severity?: Finding['severity'];
}

/**
 * One mistake that can be seen in the source. An error rejects the policy, so it is for what is certain; where a good
 * policy might look the same, a rule warns.
 */
export interface Rule {
  readonly id: `lint/${string}`;
  readonly severity: Finding['severity'];
  /** A paragraph for docs/policies.md: what is wrong, and what it does to a machine. */
  readonly doc: string;
  /** Source in which the rule finds something; a fragment will do. */
  readonly bad: string;
  /** The same done right. */
  readonly good: string;
  readonly check: (policy: Policy) => Report[];
}
