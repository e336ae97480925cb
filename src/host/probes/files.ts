import { closeSync, constants, openSync, readdirSync, readFileSync, readSync } from 'node:fs';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'EIO';

/** A small file's text without the last newline, or undefined when it cannot be read for any reason. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    return undefined;
  }
}

/** The names in a directory, sorted; none when it cannot be read. */
export function list(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}

/** '' when a file can be opened and its first byte read, else the errno name, such as EPERM. */
export function readError(path: string): string {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY);
    readSync(fd, Buffer.alloc(1), 0, 1, null);
    return '';
  } catch (error) {
    return codeOf(error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** '' when a file can be opened for writing, else the errno name. Nothing is written, nothing cut off. */
export function writeError(path: string): string {
  try {
    closeSync(openSync(path, constants.O_WRONLY));
    return '';
  } catch (error) {
    return codeOf(error);
  }
}
