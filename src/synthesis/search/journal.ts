import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import { canonical } from '../../canonical.js';
import { usageError } from '../../errors.js';
import type { Candidate, Score } from '../types.js';
import { JOURNAL_SCHEMA, type JournalLine, journalLine } from './journal-lines.js';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 40);

/**
 * What a search has found so far, one JSON object a line, each written as soon as it is known: a search that was
 * killed goes on after the last whole line. Sources are written once.
 */
export class SearchJournal {
  /** By generation. */
  private readonly proposals: (readonly Candidate[])[] = [];
  private readonly scores = new Map<string, Score>();
  private readonly sources = new Map<string, string>();
  /** Wall time of the search to the last line, in this process and in those before it, ms. */
  private spent = 0;
  /** When it would have begun, had nobody ever ended it; ms since the epoch. */
  private readonly began: number;

  /**
   * @param path none: nothing is kept
   * @param search everything that decides what the search does
   * @throws TunesmithError (usage) when the file is of another search, or no journal.
   */
  constructor(
    private readonly path: string | undefined,
    search: object,
  ) {
    const head = { schema: JOURNAL_SCHEMA, search: hashOf(canonical(search)) } as const;
    const lines = path !== undefined && existsSync(path) ? wholeLines(path) : [];
    if (lines.length === 0) this.write(head);
    for (const [index, line] of lines.entries()) this.take(line, index, head.search);
    this.began = Date.now() - this.spent;
  }

  /**
   * Wall time of the search up to its last line, ms. Not up to now: who goes on with it has to find as much spent as
   * whoever ended it for that.
   */
  elapsedMs(): number {
    return this.spent;
  }

  /** What was proposed in a generation; undefined when it is not known yet. */
  proposed(generation: number): readonly Candidate[] | undefined {
    return this.proposals[generation];
  }

  /** Generations have to be kept in their order. */
  keepProposed(candidates: readonly Candidate[]): void {
    for (const { source } of candidates) {
      const hash = hashOf(source);
      if (this.sources.has(hash)) continue;
      this.sources.set(hash, source);
      this.write({ source: hash, text: source });
    }
    this.proposals.push(candidates);
    const proposed = candidates.map((one) => ({
      ...one,
      tunables: { ...one.tunables },
      parents: [...one.parents],
      source: hashOf(one.source),
    }));
    this.write({ proposed, atMs: this.spend() });
  }

  /** The score of a candidate at an effort, by the effort's place. */
  score(candidate: string, level: number): Score | undefined {
    return this.scores.get(`${candidate} ${level}`);
  }

  keepScore(level: number, score: Score): void {
    this.scores.set(`${score.candidate} ${level}`, score);
    this.write({ level, score, atMs: this.spend() } as JournalLine);
  }

  private spend(): number {
    this.spent = Date.now() - this.began;
    return this.spent;
  }

  private take(text: string, index: number, search: string): void {
    const line = parsed(text, this.path as string, index + 1);
    if ('schema' in line !== (index === 0) || ('schema' in line && line.search !== search))
      throw usageError(
        'journal',
        this.path,
        'is of another search: other case, seed, efforts or proposers',
        'give another file, or remove it',
      );
    if ('atMs' in line) this.spent = Math.max(this.spent, line.atMs);
    if ('text' in line) this.sources.set(line.source, line.text);
    else if ('score' in line) this.scores.set(`${line.score.candidate} ${line.level}`, line.score as Score);
    else if ('proposed' in line)
      this.proposals.push(
        line.proposed.map((one) => ({ ...one, source: this.sources.get(one.source) ?? '' })),
      );
  }

  private write(line: JournalLine): void {
    if (this.path !== undefined) appendFileSync(this.path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }
}

/**
 * Wall time that the search of a journal has taken, ms; 0 without one.
 * @throws TunesmithError (usage) for a damaged journal
 */
export function elapsedIn(path: string): number {
  const lines = existsSync(path) ? wholeLines(path) : [];
  const times = lines.map((text, index) => parsed(text, path, index + 1));
  return times.reduce((most, line) => ('atMs' in line ? Math.max(most, line.atMs) : most), 0);
}

/** A line that was cut off when its writer was killed is removed from the file. */
function wholeLines(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  return whole.split('\n').slice(0, -1);
}

function parsed(line: string, path: string, number: number): JournalLine {
  try {
    return journalLine.parse(JSON.parse(line));
  } catch {
    throw usageError('journal', path, `is damaged in line ${number}`, 'remove it; trials stay in the cache');
  }
}
