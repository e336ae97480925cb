import { allLines } from './files.js';
import { type LedgerRecord, readLine } from './record.js';

/** Which records are wanted; what is absent does not matter. */
export interface Wanted {
  readonly kind?: string | undefined;
  readonly run?: string | undefined;
  readonly change?: string | undefined;
  readonly caller?: string | undefined;
  /** Only the last so many. */
  readonly last?: number | undefined;
}

/** Records in order. Lines that are none are left out: `verifyLedger` tells of them. */
export function readLedger(dir: string, { last, ...wanted }: Wanted = {}): LedgerRecord[] {
  const found: LedgerRecord[] = [];
  const fields = Object.entries(wanted).filter(([, value]) => value !== undefined);
  for (const { text } of allLines(dir)) {
    const read = readLine(text);
    if ('wrong' in read) continue;
    const { record } = read;
    if (fields.every(([name, value]) => record[name as keyof LedgerRecord] === value)) found.push(record);
  }
  return last === undefined ? found : found.slice(-last);
}
