import { join } from 'node:path';
import { z } from 'zod';
import { TunesmithError } from '../errors.js';
import { resultSchema, type TuneResult } from '../loop/result.js';
import { writeFilesAtomically } from './atomic.js';
import { prepareOutDir } from './out-dir.js';
import { type ReportOptions, renderReport } from './render.js';
import { resultJsonSchema } from './schema.js';

/** Absolute paths of what was written. */
export interface WrittenReport {
  readonly dir: string;
  readonly html: string;
}

/**
 * Writes one tuning run into a directory: `result.json`, `cycles.jsonl` (a cycle a line), `result.schema.json`
 * and the self-contained `report.html`. Files of an earlier run are replaced, each whole.
 * @throws TunesmithError (usage) when the directory is unfit, (incapable) when writing fails, (internal) when the
 * result does not match its own schema; nothing half-written stays.
 */
export function writeReport(result: TuneResult, dir: string, options: ReportOptions = {}): WrittenReport {
  const checked = check(result);
  const path = prepareOutDir(dir);
  writeFilesAtomically(path, {
    'result.schema.json': pretty(resultJsonSchema()),
    'cycles.jsonl': checked.cycles.map((cycle) => `${JSON.stringify(cycle)}\n`).join(''),
    'result.json': pretty(checked),
    'report.html': renderReport([checked], options),
  });
  return { dir: path, html: join(path, 'report.html') };
}

/**
 * Writes several runs: one `report.html` with a section for each, and a folder a run (`pgbench-cfs/`) that holds
 * what `writeReport` writes. Errors as there.
 */
export function writeStartReport(
  results: readonly TuneResult[],
  dir: string,
  options: ReportOptions = {},
): WrittenReport & { readonly runs: readonly WrittenReport[] } {
  const checked = results.map(check);
  const path = prepareOutDir(dir);
  const runs = folderNames(checked).map((name, i) =>
    writeReport(checked[i] as TuneResult, join(path, name), options),
  );
  writeFilesAtomically(path, { 'report.html': renderReport(checked, options) });
  return { dir: path, html: join(path, 'report.html'), runs };
}

/** A folder name for each run, safe whatever the workload is called, and told apart when two are alike. */
function folderNames(results: readonly TuneResult[]): string[] {
  const seen = new Map<string, number>();
  return results.map(({ workload, target }) => {
    const words = `${workload}-${target.scheduler}`.toLowerCase().match(/[a-z0-9]+/g) ?? [];
    const name = words.join('-').slice(-60);
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}-${times}`;
  });
}

function check(result: TuneResult): TuneResult {
  const parsed = resultSchema.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new TunesmithError(
    'internal',
    `the result does not match its schema: ${z.prettifyError(parsed.error)}`,
    {
      hint: 'this is a fault of Tunesmith: please report it with the command you ran',
      cause: parsed.error,
    },
  );
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
