import { join } from 'node:path';
import { readText } from './files.js';

/** One line of /proc/self/mounts; `options` are the mount's, such as `rw` and a v1 controller's name. */
export interface Mount {
  readonly where: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** What is mounted under a root, in order; octal escapes in paths are undone. */
export function mounts(root: string): Mount[] {
  const text = readText(join(root, 'proc/self/mounts')) ?? '';
  return text.split('\n').flatMap((line) => {
    const [, where, type, options] = line.split(' ');
    if (!where || !type) return [];
    const path = where.replace(/\\([0-7]{3})/g, (_, octal: string) =>
      String.fromCharCode(Number.parseInt(octal, 8)),
    );
    return [{ where: path, type, options: (options ?? '').split(',') }];
  });
}
