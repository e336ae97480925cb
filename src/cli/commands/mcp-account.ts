import { recordIn } from '../../change/record.js';
import { ledgerFiles, linesOf } from '../../ledger/files.js';
import { GroupAppend } from '../../ledger/group.js';
import { Ledger } from '../../ledger/ledger.js';
import { readLine } from '../../ledger/record.js';
import type { Account } from '../../mcp/serve/services.js';
import type { CallRecord } from '../../mcp/services.js';

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function entryOf({ tool, caller, arguments: args, verdict, rule, outcome, reasons, approval }: CallRecord) {
  return {
    kind: 'call',
    tool,
    caller,
    decision: verdict,
    arguments: isFields(args) ? args : { value: args ?? null },
    ...(rule === null ? {} : { rule }),
    reasons: reasons.map((reason) => reason.slice(0, 2000)).slice(0, 50),
    details: { outcome, ...(approval ? { approval } : {}) },
  };
}

/** The newest records, newest last, from the last two files at most: the whole account may be large. */
function latest(dir: string, limit: number): readonly unknown[] {
  const files = ledgerFiles(dir).slice(-2);
  const texts = files.flatMap((file) => [...linesOf(dir, file)].map(({ text }) => text)).slice(-limit);
  return texts.flatMap((text) => {
    const read = readLine(text);
    return 'wrong' in read ? [] : [read.record];
  });
}

/** The ledger as the server's account. @throws TunesmithError (incapable) when it cannot be used */
export function account(): Account & Disposable {
  const ledger = new Ledger();
  const calls = new GroupAppend(ledger);
  return {
    record: (record) => calls.append(entryOf(record)),
    changed: recordIn(ledger),
    lines: (limit) => latest(ledger.dir, limit),
    [Symbol.dispose]: () => {
      calls.flush();
      ledger.close();
    },
  };
}
