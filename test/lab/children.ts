import { readdirSync, readFileSync } from 'node:fs';

function statusOf(pid: number): { readonly name: string; readonly parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1] ?? '';
    return { name: field('Name'), parent: Number(field('PPid')) };
  } catch {
    return undefined; // gone meanwhile
  }
}

/** Processes of that name that this one started, itself or through others. */
export function descendants(name: RegExp): number[] {
  const isOurs = (pid: number): boolean => {
    const parent = statusOf(pid)?.parent ?? 0;
    return parent === process.pid || (parent > 1 && isOurs(parent));
  };
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => name.test(statusOf(pid)?.name ?? '') && isOurs(pid));
}
