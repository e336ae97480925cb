import type { Transactions } from '../change/transactions.js';
import type { ChangeService } from '../change/types.js';
import type { Approvals } from '../govern/approvals.js';
import type { Governor } from '../govern/governor.js';
import type { SchedulerClass } from '../knobs/types.js';
import type { Collectors } from './desk/collectors.js';
import type { LabDesk } from './desk/lab.js';
import type { MachineMetrics } from './desk/metrics.js';
import type { PolicyDesk } from './desk/policies.js';

/** What became of one call, for the ledger. */
export interface CallRecord {
  readonly tool: string;
  readonly caller: string;
  readonly arguments: unknown;
  readonly verdict: 'allow' | 'ask' | 'deny' | 'invalid';
  readonly rule: string | null;
  readonly outcome: 'done' | 'refused' | 'failed' | 'advised' | 'waits';
  readonly reasons: readonly string[];
  /** Who let it through, and why, when somebody had to be asked. */
  readonly approval?: { readonly id: string; readonly by: string | null; readonly why: string | null };
  readonly change?: string;
}

/** One record of the account, as a resource shows it. */
export type LedgerLines = (limit: number) => readonly unknown[];

/** What the tools work with. One for the whole server, whatever the transport and the number of clients. */
export interface Services {
  readonly scheduler: SchedulerClass;
  readonly changes: ChangeService & Pick<Transactions, 'stageWatched'>;
  readonly governor: Governor;
  readonly approvals: Approvals;
  readonly collectors: Collectors;
  readonly metrics: MachineMetrics;
  readonly lab: LabDesk;
  readonly policies: PolicyDesk;
  /** Resolves when it is in the account. */
  readonly record: (record: CallRecord) => Promise<void>;
  readonly ledger: LedgerLines;
  /** Key of what clients carry from one round to the next, 32 bytes in hexadecimal. */
  readonly stateKey: string;
}
