/** Often enough for clients that end a call which says nothing for a minute, and for the promise of 10 s. */
const EVERY_MS = 5000;

export type Tell = (progress: number, total: number | undefined, message: string) => void;

/**
 * Progress of one call: what the tool says goes on as it is, and while it says nothing the client hears every 5 s that
 * it is at work. The figure only ever grows, as the protocol wants it.
 */
export class Heartbeat {
  private readonly began = performance.now();
  private readonly timer: NodeJS.Timeout;
  private last = -1;
  private total: number | undefined;
  private doing = 'at work';
  private toldAt = performance.now();

  constructor(
    private readonly tell: Tell,
    everyMs: number = EVERY_MS,
  ) {
    this.timer = setInterval(() => this.beat(everyMs), everyMs / 2);
    this.timer.unref();
  }

  /** What the tool itself says of how far it is. */
  readonly progress = (done: number, total: number, message: string): void => {
    this.total = total;
    this.doing = message;
    this.send(Math.max(done, this.last + STEP), message);
  };

  stop(): void {
    clearInterval(this.timer);
  }

  private beat(everyMs: number): void {
    if (performance.now() - this.toldAt < everyMs) return;
    const seconds = Math.round((performance.now() - this.began) / 1000);
    // Of a call that counts something, a step too small to be taken for one of those.
    const next = this.total === undefined ? Math.max(seconds, this.last + STEP) : this.last + STEP;
    this.send(next, `${this.doing}; ${seconds} s`);
  }

  private send(progress: number, message: string): void {
    this.last = progress;
    this.toldAt = performance.now();
    this.tell(progress, this.total, message);
  }
}

const STEP = 0.0001;
