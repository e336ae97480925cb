import type { Observation, Proposal, Tuner, TuningContext } from './types.js';

/** A tuner that learns window by window: told of each, asked after each. */
export interface Learner {
  tell(observation: Observation): void;
  /** Null when there is nothing new to try. */
  ask(): Proposal | null;
}

/**
 * A learner as a tuner. What is proposed follows from seed and history alone: the learner is kept between calls, and
 * one asked about another run starts anew and is led through that run's history.
 */
export function learning(name: string, start: (context: TuningContext) => Learner): Tuner {
  let lesson: Lesson | undefined;
  return {
    name,
    async propose(history, context) {
      if (!lesson?.goesOnIn(history, context)) lesson = new Lesson(context, start(context));
      return lesson.next(history);
    },
  };
}

class Lesson {
  private readonly seen: Observation[] = [];
  /** What was proposed and is not yet answered. */
  private asked: Proposal | null | undefined;

  constructor(
    private readonly context: TuningContext,
    private readonly learner: Learner,
  ) {}

  goesOnIn(history: readonly Observation[], context: TuningContext): boolean {
    return context === this.context && this.seen.every((item, i) => item === history[i]);
  }

  next(history: readonly Observation[]): Proposal | null {
    for (const observation of history.slice(this.seen.length)) {
      // A learner led through a history has to be asked what it was asked then: that moves its random numbers on.
      if (this.seen.length > 0 && this.asked === undefined) this.learner.ask();
      this.learner.tell(observation);
      this.seen.push(observation);
      this.asked = undefined;
    }
    this.asked ??= this.learner.ask();
    return this.asked;
  }
}
