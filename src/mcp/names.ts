/**
 * Names of tools. To the rules, the ledger and the documents a tool has dots (`os.scheduler.describe`); several clients
 * take letters, digits, `_` and `-` only, so it is listed as `os_scheduler_describe`. Every other spelling there ever
 * was can be called and is not listed twice: dots, and the slashes of the LumOS paper.
 */

/** The name a tool is listed under: `^[a-z_]{1,64}$`. */
export const listedName = (name: string): string => name.replaceAll(/[./]/g, '_');

/** What the paper calls tools that have another name here. */
const PAPER: Readonly<Record<string, string>> = {
  os_scheduler_commit_cfs_params: 'os_scheduler_commit_params',
  os_scheduler_revert_cfs_params: 'os_scheduler_revert_params',
};

/** The listed name that a caller's spelling means; what is no tool's stays what it is. */
export function nameMeant(spelling: string): string {
  if (spelling.length > 128) return spelling;
  const listed = listedName(spelling);
  return PAPER[listed] ?? listed;
}

const isCall = (message: unknown): message is { params: { name: string } } =>
  typeof message === 'object' &&
  message !== null &&
  (message as { method?: unknown }).method === 'tools/call' &&
  typeof (message as { params?: { name?: unknown } }).params?.name === 'string';

/** A message, or a batch of them, in which every call names its tool as `meant` says. A batch holds no batches. */
export function withNamesMeant<T>(message: T, meant: (spelling: string) => string): T {
  const one = (call: unknown): unknown =>
    isCall(call) ? { ...call, params: { ...call.params, name: meant(call.params.name) } } : call;
  return (Array.isArray(message) ? message.map(one) : one(message)) as T;
}
