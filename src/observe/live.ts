import { emitKeypressEvents } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { unguardedWrite } from '../shown.js';
import type { Sampler } from '../telemetry/sampler.js';
import { type Look, lookAt, type PathOf } from './figures.js';
import { frame } from './frame.js';
import type { OutlierFacts } from './outlier-line.js';
import { chosen, FIRST_VIEW, isNamed, pressed, type Sort, type View } from './view.js';

export interface LiveOptions {
  readonly title: string;
  readonly by: string;
  readonly filtered: boolean;
  readonly sort: Sort;
  readonly name: RegExp | undefined;
  readonly pathOf: PathOf | undefined;
  readonly intervalMs: number;
  /** Ends after this; undefined: when the person leaves. */
  readonly durationMs: number | undefined;
  readonly color: boolean;
}

const KEPT = 50;
const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';

/** The live view on a terminal, until it is left with q, by the signal or after the duration. */
export async function live(sampler: Sampler, options: LiveOptions, stop: AbortSignal): Promise<void> {
  const { stdin, stdout } = process;
  const { title, by, filtered, name, pathOf } = options;
  const over = new AbortController();
  const ended = AbortSignal.any([stop, over.signal]);
  const outliers: OutlierFacts[] = [];
  let view: View = { ...FIRST_VIEW, sort: options.sort, name };
  let before = sampler.snapshot();
  let look: Look = lookAt(sampler.delta(before), pathOf);

  const draw = () => {
    const screen = { columns: stdout.columns ?? 80, rows: stdout.rows ?? 24, color: options.color };
    const lines = frame(look, view, { title, outliers, by, filtered }, screen);
    unguardedWrite(stdout, `\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
  };
  const onKey = (_: string | undefined, key: { name?: string; sequence?: string; ctrl?: boolean }) => {
    view = pressed(view, key, chosen(look.keys, view).length);
    if (view.quit) over.abort();
    else draw();
  };
  const watchOutliers = async () => {
    for await (const outlier of sampler.events(ended)) {
      if (view.paused || !isNamed(outlier, name)) continue;
      outliers.unshift(outlier.toJSON());
      outliers.length = Math.min(outliers.length, KEPT);
    }
  };

  emitKeypressEvents(stdin);
  stdin.setRawMode(true).resume().on('keypress', onKey);
  stdout.on('resize', draw);
  unguardedWrite(stdout, ENTER);
  const watching = sampler.settings.outlierNs > 0 ? watchOutliers() : Promise.resolve();
  const deadline =
    options.durationMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + options.durationMs;
  try {
    while (!ended.aborted && Date.now() < deadline) {
      await sleep(options.intervalMs, undefined, { signal: ended }).catch(() => {});
      const now = sampler.snapshot();
      if (!view.paused) look = lookAt(now.since(before), pathOf);
      before = now;
      draw();
    }
  } finally {
    over.abort();
    await watching;
    stdin.off('keypress', onKey).setRawMode(false).pause();
    stdout.off('resize', draw);
    unguardedWrite(stdout, LEAVE);
  }
}
