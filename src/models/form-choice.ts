import { ModelError } from './failure.js';
import type { Form } from './types.js';

/** Statuses by which a server says that it does not take what was asked; 500 is what some say that know no better. */
const REFUSED = [400, 415, 422];
const BROKEN = [500, 501];
const OF_FORM = /response_?format|schema|grammar|json|structured|strict/i;
const OF_LENGTH = /context|too (?:long|large)|token/i;

const SAID: Readonly<Record<Form, string>> = {
  schema: 'the whole JSON Schema',
  subset: 'the plainest JSON Schema',
  object: 'JSON without a schema',
  none: 'no given form',
};

/**
 * Which way of asking for a reply's form a server takes: found once, with the first request, and kept for the run. A
 * server that refuses the surest way gets the next one at once; when none is taken, the refusal was about something else.
 */
export class FormChoice {
  private at = 0;
  private isFound = false;
  /** Failures that may have been the server's own. */
  private broken = 0;
  /** What is to be said of it; null while nothing is. */
  note: string | null = null;

  constructor(private readonly forms: readonly Form[]) {}

  /** One attempt, in the form that is taken. @throws what `attempt` throws in the surest form left */
  async of<T>(attempt: (form: Form) => Promise<T>): Promise<T> {
    try {
      const reply = await attempt(this.forms[this.at] as Form);
      this.isFound = true;
      return reply;
    } catch (error) {
      if (this.isFound || !mayBeForm(error) || this.isDoubtful(error)) throw error;
      return await this.lower(attempt, error);
    }
  }

  /** A first failure that does not name the form is tried again like any other. */
  private isDoubtful({ status, message }: ModelError): boolean {
    return BROKEN.includes(status ?? 0) && !OF_FORM.test(message) && this.broken++ === 0;
  }

  private async lower<T>(attempt: (form: Form) => Promise<T>, first: ModelError): Promise<T> {
    for (let next = this.at + 1; next < this.forms.length; next++) {
      try {
        const reply = await attempt(this.forms[next] as Form);
        const [wanted, taken] = [this.forms[this.at], this.forms[next]] as [Form, Form];
        this.note = `did not take ${SAID[wanted]} (${first.status}): asked with ${SAID[taken]} from then on`;
        [this.at, this.isFound] = [next, true];
        return reply;
      } catch (error) {
        if (!mayBeForm(error)) throw error;
      }
    }
    // A server that fails whatever it is asked fails: it is not asked four times an attempt.
    if (BROKEN.includes(first.status as number)) this.isFound = true;
    throw first;
  }
}

const mayBeForm = (error: unknown): error is ModelError =>
  error instanceof ModelError &&
  (error.kind === 'request' || error.kind === 'server') &&
  [...REFUSED, ...BROKEN].includes(error.status ?? 0) &&
  (OF_FORM.test(error.message) || !OF_LENGTH.test(error.message));
