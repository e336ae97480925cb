import { describe, expect, it } from 'vitest';
import type { TuneResult } from '../../src/loop/result.js';
import { renderReport } from '../../src/report/render.js';
import { sampleEevdf, sampleResult } from './sample.js';

const HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\' " & \u202e\u0000';

describe('renderReport', () => {
  const page = renderReport([sampleResult()]);

  it('shows the verdict, the figures, the settings and every reason', () => {
    const { cycles, target, command } = sampleResult();
    const text = page.replace(/<[^>]+>/g, '').replaceAll('&#39;', "'");
    expect(text).toContain('94.1 ms');
    expect(text).toContain('67.6 ms');
    expect(text).toContain('28.1 % lower');
    expect(text).toContain('+28.3 %');
    expect(text).toContain(target.kernel);
    expect(text).toContain(command);
    for (const { reason, note } of cycles) {
      expect(text).toContain(reason);
      expect(text).toContain(note);
    }
  });

  it('draws each chart wide and narrow, with lines for default, best and oracle', () => {
    expect(page.match(/<svg class="chart wide"/g)).toHaveLength(5);
    expect(page.match(/<svg class="chart narrow"/g)).toHaveLength(5);
    for (const style of ['l-default', 'l-oracle', 'l-best', 'c-before', 'c-after']) {
      expect(page).toContain(`<path class="${style}" d="M`);
    }
    expect(page.match(/NaN|Infinity|undefined|\[object/)).toBeNull();
  });

  const host = (accepted: boolean): TuneResult => {
    const result = sampleResult();
    return {
      ...result,
      target: { ...result.target, kind: 'host', scope: 'pid:4242', service: 'redis<b>' },
      best: { ...result.best, values: { slice_ns: 300_000 } },
      verdict: { ...result.verdict, accepted },
    };
  };
  const headOf = (text: string): string => text.slice(text.indexOf('<header'), text.indexOf('</header>'));

  it('lets a rejected verdict look rejected: no large gain, nothing to set', () => {
    const head = headOf(renderReport([host(false)]));
    expect(head).toContain('✗ rejected by the referee: the default stays');
    expect(head).toMatch(/<p class="figures"><strong>94\.1 ms<\/strong>/);
    expect(head).not.toContain('class="better"');
    expect(head).not.toContain('badge better');
    expect(head).not.toContain('change stage');
    expect(head.replace(/<[^>]+>/g, '')).toContain(
      'came to 67.6 ms (28.1 % lower), which is not proof enough',
    );
  });

  it('names the scope and the service, and has the command that keeps the setting', () => {
    const head = headOf(renderReport([host(true)]));
    expect(head).toContain('redis&lt;b&gt; (pid:4242) beside pgbench on CFS');
    expect(head).toContain('tunesmith change stage --set slice_ns=300000 --scope pid:4242');
    expect(headOf(page)).toContain('tunesmith change stage --set');
    expect(headOf(page)).not.toContain('--scope');
  });

  it('says what its words mean', () => {
    for (const word of ['referee', 'cycle', 'oracle', 'guardrail'])
      expect(page).toContain(`<dt>${word}</dt>`);
  });

  it('needs nothing from outside', () => {
    expect(page.match(/https?:|\burl\(|@import|<link|<iframe|\ssrc=/)).toBeNull();
    expect(page).toContain('default-src &#39;none&#39;');
  });

  it('is a pure function of its input', () => {
    expect(renderReport([sampleResult()])).toBe(page);
  });

  it('carries its data', () => {
    expect(dataOf(page)).toMatchObject([{ workload: 'pgbench', cycles: { length: 15 } }]);
  });

  it('gives several runs a section each and an overview', () => {
    const both = renderReport([sampleResult(), sampleEevdf()]);
    expect(both.match(/<article id="run\d"/g)).toEqual(['<article id="run1"', '<article id="run2"']);
    expect(both).toContain('<a href="#run2"><strong>wakeup on EEVDF</strong></a>');
    expect(both).toContain('interrupted');
    const ids = [...both.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('asks the catalogue for what a metric means', () => {
    const described = renderReport([sampleResult()], {
      describe: (_, metric) =>
        metric === 'fairness' ? { unit: 'ratio', direction: 'higher', meaning: 'Jain’s index' } : undefined,
    });
    expect(described).toContain('<small>Jain’s index</small>');
  });
});

describe('hostile text', () => {
  it('stays text wherever it comes in', () => {
    const sample = sampleResult();
    const cycles = sample.cycles.map((cycle) => ({ ...cycle, reason: HOSTILE, note: HOSTILE }));
    const knobs = sample.knobs.map((knob) => ({ ...knob, name: HOSTILE, unit: HOSTILE }));
    const odd = { metrics: { [HOSTILE]: 1 }, distributions: { [HOSTILE]: [[1, 2] as [number, number]] } };
    const measured = { ...odd, knobs: {}, windowNs: 1 };
    const confirmed = { values: { [HOSTILE]: 1 }, objective: 2, measurement: measured };
    const page = renderReport([
      {
        ...sample,
        command: HOSTILE,
        workload: HOSTILE,
        tuner: HOSTILE,
        parameters: { [HOSTILE]: 1 },
        target: { ...sample.target, name: HOSTILE, kernel: HOSTILE, qemu: HOSTILE },
        objective: { ...sample.objective, metric: HOSTILE, unit: HOSTILE, meaning: HOSTILE },
        knobs,
        cycles,
        best: { cycle: 3, values: { [HOSTILE]: 2 }, objective: 3 },
        referee: { default: confirmed, best: { ...confirmed, values: { [HOSTILE]: 2 } }, gain: 0.1 },
        rivals: [{ name: HOSTILE, values: {}, objective: 1, refereeObjective: null, trials: 1 }],
        verdict: { accepted: true, interrupted: true, text: HOSTILE },
      },
    ]);
    expect(page.match(/<script/gi)).toHaveLength(2);
    expect(page.match(/<\/script/gi)).toHaveLength(2);
    expect(['<img', '\u202e', '\u0000'].filter((text) => page.includes(text))).toEqual([]);
    expect(page.replace(/"[^"]*"/g, '""').match(/<[^>]*\sonerror/)).toBeNull();
    expect(dataOf(page)).toMatchObject([{ workload: HOSTILE, verdict: { text: HOSTILE } }]);
  });
});

describe('thin results', () => {
  const sample = sampleResult();
  const bare = (change: Partial<TuneResult>): string =>
    renderReport([{ ...sample, referee: null, rivals: [], ...change }]);

  it.each<[string, Partial<TuneResult>]>([
    ['no cycle at all', { cycles: [], best: { cycle: 0, values: {}, objective: null } }],
    [
      'the default alone',
      { cycles: sample.cycles.slice(0, 1), best: { cycle: 0, values: {}, objective: 9.4e7 } },
    ],
    [
      'no figure in any cycle',
      { cycles: sample.cycles.map((c) => ({ ...c, objective: null, measurement: null })) },
    ],
    ['figures of zero', { cycles: sample.cycles.map((c) => ({ ...c, objective: 0 })) }],
    ['a logarithmic knob from zero', { knobs: sample.knobs.map((knob) => ({ ...knob, min: 0 })) }],
    ['a knob that no cycle set', { knobs: sample.knobs.map((knob) => ({ ...knob, name: 'other_ns' })) }],
    ['no knob', { knobs: [] }],
    [
      'figures six decades apart',
      { cycles: sample.cycles.map((c) => ({ ...c, objective: 10 ** (c.cycle % 7) })) },
    ],
  ])('are drawn without nonsense: %s', (_, change) => {
    expect(bare(change).match(/NaN|Infinity|undefined|\[object/)).toBeNull();
  });

  it('says when the default stays', () => {
    const values = { latency_ns: 24e6, min_granularity_ns: 3e6 };
    expect(bare({ best: { cycle: 0, values, objective: 9.4e7 } })).toContain('default stays');
  });
});

function dataOf(page: string): unknown {
  const text = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)?.[1];
  return JSON.parse(text ?? '');
}
