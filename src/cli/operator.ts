import { userInfo } from 'node:os';

/** Who sits at the command line, as the ledger and the changes name them: `operator:root`. */
export function operator(): string {
  try {
    return `operator:${userInfo().username}`;
  } catch {
    return `operator:${process.getuid?.() ?? 0}`; // a number without a name, as in a container
  }
}
