/** Longest silence, ms: whoever waits wants to know that something is at work. */
const SILENCE_MS = 20_000;
const LOOK_EVERY_MS = 1000;

/** Passes lines on, and says what is under way when none has come for a while. */
export class Progress {
  private last = Date.now();
  private readonly timer: NodeJS.Timeout;
  /** What is under way: the last remark's first words. */
  private part = 'preparing';

  /** @param status of the work, for a line of its own */
  constructor(
    private readonly out: { note(text: string): void; step(text: string): void },
    status: () => string,
    silenceMs = SILENCE_MS,
  ) {
    this.timer = setInterval(
      () => {
        if (Date.now() - this.last < silenceMs) return;
        this.step(`${this.part}: still at work, ${status()}`);
      },
      Math.min(LOOK_EVERY_MS, silenceMs),
    ).unref();
  }

  readonly note = (text: string): void => {
    this.last = Date.now();
    const part = /^([a-z ]+):/.exec(text)?.[1];
    if (part !== undefined) this.part = part;
    this.out.note(text);
  };

  readonly step = (text: string): void => {
    this.last = Date.now();
    this.out.step(text);
  };

  close(): void {
    clearInterval(this.timer);
  }
}
