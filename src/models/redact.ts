/** What keys of the usual providers and HTTP's own header look like, whoever's they are. */
const LOOKS_SECRET = [/AIza[\w-]{30,}/g, /\bsk-[\w-]{16,}/g, /\b(?<=Bearer )[\w.~+/-]{8,}=*/g];
const GONE = '[redacted]';

/** Replaces secrets, known ones and what looks like one, in a text that leaves the process. */
export type Redact = (text: string) => string;

export const redactor =
  (secrets: readonly string[]): Redact =>
  (text) => {
    const known = secrets.filter((secret) => secret !== '').reduce((t, s) => t.replaceAll(s, GONE), text);
    return LOOKS_SECRET.reduce((sofar, pattern) => sofar.replace(pattern, GONE), known);
  };
