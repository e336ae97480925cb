/**
 * Work that several callers want at once is done once: who asks for the same key meanwhile waits for the first, and gets
 * what it gets, its error too. When it is over the key is free again: what was made is found where it is kept.
 */
export class Once<T> {
  private readonly running = new Map<string, Promise<T>>();

  do(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.running.get(key);
    if (known) return known;
    const begun = work().finally(() => this.running.delete(key));
    this.running.set(key, begun);
    return begun;
  }
}
