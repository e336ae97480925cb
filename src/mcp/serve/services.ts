import { Transactions } from '../../change/transactions.js';
import type { ChangeEvent } from '../../change/types.js';
import { Approvals } from '../../govern/approvals.js';
import { Governor } from '../../govern/governor.js';
import type { RulesFile } from '../../govern/schema.js';
import { ownSecret } from '../../govern/secret.js';
import { HOST_SCHEDULER } from '../../host/scheduler.js';
import { Collectors } from '../desk/collectors.js';
import { LabDesk } from '../desk/lab.js';
import { MachineMetrics } from '../desk/metrics.js';
import { PolicyDesk } from '../desk/policies.js';
import type { CallRecord, LedgerLines, Services } from '../services.js';

/** What has an account of calls: the ledger. */
export interface Account {
  readonly record: (record: CallRecord) => Promise<void>;
  readonly changed: (event: ChangeEvent) => void;
  readonly lines: LedgerLines;
}

/**
 * The services of this machine.
 * @param onChange told of everything that happens to changes
 * @throws TunesmithError (incapable) when the journal, the approvals or the key cannot be used
 */
export function openServices(
  rules: RulesFile,
  account: Account,
  onChange: (event: ChangeEvent) => void,
): { readonly services: Services; readonly close: () => Promise<void> } {
  const { secret } = ownSecret('mcp.key');
  const approvals = new Approvals();
  const changes = new Transactions({
    onEvent: (event) => {
      account.changed(event);
      onChange(event);
    },
  });
  const [collectors, metrics, lab] = [new Collectors(), new MachineMetrics(), new LabDesk()];
  const services: Services = {
    scheduler: HOST_SCHEDULER,
    changes,
    governor: new Governor(rules),
    approvals,
    collectors,
    metrics,
    lab,
    policies: new PolicyDesk(),
    record: account.record,
    ledger: account.lines,
    stateKey: secret,
  };
  const close = async (): Promise<void> => {
    // What is staged goes back first: nothing that follows may keep it from that.
    changes.close();
    collectors.close();
    metrics.close();
    approvals.close();
    await lab.close();
  };
  return { services, close };
}
