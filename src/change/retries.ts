import { messageOf } from '../errors.js';

/**
 * What could not be written down, for want of room for instance, and is tried again until it can. The kernel's values
 * are the deadman's business and do not wait for it.
 */
export class Retries {
  private readonly open = new Map<string, () => unknown>();
  private readonly told = new Set<string>();

  /** Does it now, or else at the next `again`. Never throws. @param key the same key stands for the same thing */
  attempt(key: string, act: () => unknown): void {
    this.open.set(key, act);
    this.run(key, act);
  }

  /** Does it now; when that fails, says so to the caller and does it later all the same. @throws what it threw */
  orLater<T>(key: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      this.attempt(key, act);
      throw error;
    }
  }

  again(): void {
    for (const [key, act] of [...this.open]) this.run(key, act);
  }

  /** Says once that something failed, until something has worked again. */
  readonly report = (error: unknown): void => {
    const text = `${messageOf(error)}; it is tried again`;
    if (this.told.has(text)) return;
    this.told.add(text);
    process.emitWarning(text);
  };

  private run(key: string, act: () => unknown): void {
    try {
      act();
      this.open.delete(key);
      this.told.clear();
    } catch (error) {
      this.report(error);
    }
  }
}
