import { Deadman, DeadmanGone, sweep } from './deadman.js';

/** How often our deadman is told that we are alive, and asked what has ended. */
const TICK_MS = 500;

export interface LinkEvents {
  /** At each look: ids of changes that our deadman has put back of its own accord. Does not throw. */
  readonly ended: (ids: readonly string[]) => void;
  /** What it held has to be put back. Does not throw. */
  readonly died: () => void;
  /** A look failed. It is made again; the deadman does its work meanwhile. */
  readonly failed: (error: unknown) => void;
}

/** Our deadman, started when it is first needed, and the way to those of other processes. */
export class DeadmanLinks {
  private mine: Deadman | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly dir: string,
    private readonly leaseMs: number,
    private readonly events: LinkEvents,
    private readonly tree = '',
  ) {}

  get ownPid(): number | null {
    return this.mine?.pid ?? null;
  }

  /** @throws TunesmithError (incapable) when it cannot be started */
  own(): Deadman {
    this.mine ??= Deadman.start(this.dir, this.leaseMs, this.tree);
    this.timer ??= setInterval(() => this.beat(), TICK_MS).unref();
    return this.mine;
  }

  /**
   * Asks the deadman of that number, ours or another process's. Null when there is none any more: what it held has
   * been put back then, and the undo lists say so.
   */
  ask(pid: number, ...words: readonly string[]): readonly string[] | null {
    return this.askWith([], pid, ...words);
  }

  /** `ask` with descriptors that our own deadman is to hold. */
  askWith(held: readonly number[], pid: number, ...words: readonly string[]): readonly string[] | null {
    if (this.mine?.pid === pid) {
      try {
        return this.mine.askWith(held, words);
      } catch (error) {
        if (!(error instanceof DeadmanGone)) throw error;
        this.drop();
        return null;
      }
    }
    return this.askOther(pid, words);
  }

  /** Renews the lease and takes up what has ended. */
  tick(): void {
    if (!this.mine) {
      this.events.ended([]);
      return;
    }
    try {
      const [, ...ended] = this.mine.ask('renew');
      this.events.ended(ended);
    } catch (error) {
      if (!(error instanceof DeadmanGone)) throw error;
      this.drop();
    }
  }

  /**
   * False when it was closed before.
   * @param waits whether for the deadman's end: one that keeps a committed policy does not end
   */
  close(waits: boolean): boolean {
    if (this.closed) return false;
    this.closed = true;
    clearInterval(this.timer);
    this.mine?.end(waits);
    this.mine = undefined;
    return true;
  }

  /** Nothing that happens in a timer may end this process: what is staged would go with it. */
  private beat(): void {
    try {
      this.tick();
    } catch (error) {
      this.events.failed(error);
    }
  }

  private askOther(pid: number, words: readonly string[]): readonly string[] | null {
    let link: Deadman | undefined;
    try {
      link = Deadman.connect(this.dir, pid);
      return link.ask(...words);
    } catch (error) {
      if (!(error instanceof DeadmanGone)) throw error;
      sweep('recover', this.dir, this.tree);
      return null;
    } finally {
      link?.end();
    }
  }

  private drop(): void {
    this.mine?.kill();
    this.mine = undefined;
    this.events.died();
  }
}
