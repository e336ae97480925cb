import { MachineFailed, messageOf } from '../errors.js';
import { Turnstile } from '../lab/turnstile.js';

/** How often more a piece of work is begun that this machine did not get done. */
const MORE = 2;

/**
 * Work that a busy machine may not get done. What failed so is tried again when all the other work is over, one piece at a
 * time: whatever was in its way then, it is not we ourselves.
 */
export class Patience {
  private active = 0;
  private waiting: (() => void)[] = [];
  private readonly alone = new Turnstile(1);

  constructor(private readonly note: (text: string) => void = () => {}) {}

  /** Pieces of work under way, those apart that wait to be tried again. */
  get underWay(): number {
    return this.active;
  }

  /**
   * @param what is said of it when it is tried again
   * @throws MachineFailed when it did not get done in the end; whatever else the work throws, at once
   */
  async run<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.counted(work);
    } catch (error) {
      return await this.again(what, work, error);
    }
  }

  private async again<T>(what: string, work: () => Promise<T>, failure: unknown): Promise<T> {
    let last = failure;
    for (let tries = 0; tries < MORE; tries++) {
      if (!(last instanceof MachineFailed)) throw last;
      this.note(`not measured yet: ${what} (${messageOf(last)}); it is tried again after the others`);
      try {
        return await this.alone.run(async () => {
          await this.quiet();
          return work();
        });
      } catch (error) {
        last = error;
      }
    }
    throw last;
  }

  private async counted<T>(work: () => Promise<T>): Promise<T> {
    this.active++;
    try {
      return await work();
    } finally {
      if (--this.active === 0) for (const go of this.waiting.splice(0)) go();
    }
  }

  private quiet(): Promise<void> {
    return this.active === 0 ? Promise.resolve() : new Promise((go) => this.waiting.push(go));
  }
}
