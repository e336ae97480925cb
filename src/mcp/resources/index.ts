import { readFileSync } from 'node:fs';
import { type McpServer, ResourceNotFoundError, ResourceTemplate } from '@modelcontextprotocol/server';
import { findCgroup } from '../../host/cgroup.js';
import { ALL_KNOBS } from '../../knobs/catalogue.js';
import { formatKnob } from '../../knobs/format.js';
import type { Knob } from '../../knobs/types.js';
import { findPolicy, policyNames } from '../../policies/catalogue.js';
import { knobsNow } from '../desk/knobs.js';
import { METRIC_NAMES, metricNamed, metricsFor, SCHEDULER_METRICS } from '../desk/metrics.js';
import { listedName } from '../names.js';
import type { Desk } from '../perform.js';
import { plainSchema } from '../schema.js';
import { TOOLS } from '../tools/index.js';
import { changeView } from '../tools/os/change-view.js';
import { lookView } from '../tools/perf/look-view.js';
import { admit, beginning, readJson } from './read.js';

export const SETTINGS = 'settings://scheduler/current';
export const CHANGES = 'changes://recent';
export const LEDGER = 'ledger://records';
const JSON_TYPE = 'application/json';
const METRICS = Object.keys(SCHEDULER_METRICS);
const KNOBS = ALL_KNOBS.map(({ name }) => name);

/** Latest records of the ledger that are shown. */
const RECORDS = 20;

/** A record without its place in the chain (`tunesmith ledger verify` is for that) and without long arguments. */
function briefRecord(record: unknown): unknown {
  const { prev: _, hash: __, arguments: args, ...rest } = record as Record<string, unknown>;
  const text = args === undefined ? '' : JSON.stringify(args);
  return text.length <= 2
    ? rest
    : { ...rest, arguments: text.length <= 120 ? args : `${text.slice(0, 119)}…` };
}

/** A template's variable; the SDK gives a list for some forms. */
const one = (value: string | string[] | undefined): string => decodeURIComponent(String(value ?? ''));

/** One metric of what was measured. Absent is no zero. */
const figure = (name: string, metrics: Readonly<Record<string, number>>) => {
  const metric = metricNamed(name);
  return {
    metric,
    value: metrics[metric] ?? null,
    unit: SCHEDULER_METRICS[metric]?.unit,
    meaning: SCHEDULER_METRICS[metric]?.meaning,
    ...(metrics[metric] === undefined ? { why: 'it was not measured: nothing ran, or there is no PMU' } : {}),
  };
};

function known(uri: URL, name: string, names: readonly string[]): void {
  if (!names.includes(name)) throw new ResourceNotFoundError(uri.href);
}

function state(server: McpServer, desk: Desk): void {
  const { services } = desk;
  server.registerResource(
    'settings',
    SETTINGS,
    { title: 'Scheduler settings in force', mimeType: JSON_TYPE },
    (uri) =>
      readJson(desk, 'settings', uri, () => {
        const { knobs, refused } = knobsNow(services.scheduler);
        const values = Object.fromEntries(knobs.map(({ knob, value }) => [knob.name, value]));
        return { scheduler: services.scheduler, values, unavailable: refused };
      }),
  );
  server.registerResource('changes', CHANGES, { title: 'Recent changes', mimeType: JSON_TYPE }, (uri) =>
    readJson(desk, 'changes', uri, () => ({ changes: services.changes.list({ limit: 50 }).map(changeView) })),
  );
  server.registerResource('ledger', LEDGER, { title: 'Latest ledger records', mimeType: JSON_TYPE }, (uri) =>
    readJson(desk, 'ledger', uri, () => ({ records: services.ledger(RECORDS).map(briefRecord) })),
  );
  const ids = (): string[] => services.changes.list({ limit: 100 }).map(({ id }) => id);
  server.registerResource(
    'change',
    new ResourceTemplate('changes://{id}', {
      list: undefined,
      complete: { id: (typed) => beginning(ids())(typed) },
    }),
    { title: 'One change', mimeType: JSON_TYPE },
    (uri, { id }) =>
      readJson(desk, 'changes', uri, () => {
        known(uri, one(id), ids());
        return changeView(services.changes.find(one(id)));
      }),
  );
}

function metrics(server: McpServer, desk: Desk): void {
  const { services } = desk;
  server.registerResource(
    'metric',
    new ResourceTemplate('metrics://scheduler/{metric}', {
      list: () => ({
        resources: METRICS.map((metric) => ({
          uri: `metrics://scheduler/${metric}`,
          name: metric,
          description: SCHEDULER_METRICS[metric]?.meaning as string,
          mimeType: JSON_TYPE,
        })),
      }),
      complete: { metric: beginning(METRIC_NAMES) },
    }),
    { title: 'A figure of the whole machine over the last second', mimeType: JSON_TYPE },
    (uri, { metric }) =>
      readJson(desk, 'metrics', uri, async () => {
        known(uri, one(metric), METRIC_NAMES);
        return figure(one(metric), await services.metrics.read());
      }),
  );
  server.registerResource(
    'cgroup-metric',
    new ResourceTemplate('metrics://cgroup/{cgroup}/{metric}', {
      list: undefined,
      complete: { metric: beginning(METRIC_NAMES) },
    }),
    { title: 'A figure of one cgroup over a second; its path percent-encoded', mimeType: JSON_TYPE },
    (uri, { cgroup, metric }, ctx) =>
      readJson(desk, 'metrics', uri, async () => {
        known(uri, one(metric), METRIC_NAMES);
        const { dir } = findCgroup(one(cgroup));
        return {
          cgroup: one(cgroup),
          ...figure(one(metric), await metricsFor({ cgroup: dir }, ctx.mcpReq.signal)),
        };
      }),
  );
  const running = (): string[] => services.collectors.list().map(({ id }) => id);
  server.registerResource(
    'collector',
    new ResourceTemplate('collector://{id}', {
      list: () => ({
        resources: running().map((id) => ({ uri: `collector://${id}`, name: id, mimeType: JSON_TYPE })),
      }),
      complete: { id: (typed) => beginning(running())(typed) },
    }),
    { title: 'What a collector has seen', mimeType: JSON_TYPE },
    (uri, { id }) =>
      readJson(desk, 'metrics', uri, () => {
        known(uri, one(id), running());
        return lookView(services.collectors.read(one(id)), 50);
      }),
  );
}

const page = (knob: Knob): string =>
  [
    `# ${knob.name}`,
    '',
    knob.meaning,
    '',
    `- unit: ${knob.unit}`,
    `- range: ${knob.min} to ${knob.max} (${formatKnob(knob, knob.min)} to ${formatKnob(knob, knob.max)}), ${knob.scale} scale`,
    `- schedulers: ${knob.classes.join(', ')}`,
    `- risk: ${knob.risk}`,
    `- source: ${knob.source}`,
  ].join('\n');

function documents(server: McpServer, desk: Desk): void {
  const mimeType = 'text/markdown';
  server.registerResource(
    'knob',
    new ResourceTemplate('knobs://{name}', {
      list: () => ({ resources: KNOBS.map((name) => ({ uri: `knobs://${name}`, name, mimeType })) }),
      complete: { name: beginning(KNOBS) },
    }),
    { title: 'What a knob does', mimeType },
    (uri, { name }) => {
      admit(desk, 'knobs');
      const knob = ALL_KNOBS.find((candidate) => candidate.name === one(name));
      if (!knob) throw new ResourceNotFoundError(uri.href);
      return { contents: [{ uri: uri.href, mimeType, text: page(knob) }] };
    },
  );
}

/** What each tool gives: `tools/list` leaves it out. */
function schemas(server: McpServer): void {
  const names = TOOLS.map(({ name }) => listedName(name));
  server.registerResource(
    'schema',
    new ResourceTemplate('schemas://{tool}', { list: undefined, complete: { tool: beginning(names) } }),
    { title: 'The JSON Schema of what a tool gives', mimeType: JSON_TYPE },
    (uri, { tool: asked }) => {
      const tool = TOOLS.find(({ name }) => listedName(name) === one(asked));
      if (!tool) throw new ResourceNotFoundError(uri.href);
      const text = JSON.stringify(plainSchema(tool.output, 'output'));
      return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text }] };
    },
  );
}

/** C sources to learn from, and to see what runs. */
function policies(server: McpServer, desk: Desk): void {
  const mimeType = 'text/x-c';
  server.registerResource(
    'policy',
    new ResourceTemplate('policies://{name}', {
      list: () => ({
        resources: policyNames().map((name) => ({ uri: `policies://${name}`, name, mimeType })),
      }),
      complete: { name: (typed) => beginning(policyNames())(typed) },
    }),
    { title: 'The C source of a policy', mimeType },
    (uri, { name }) => {
      admit(desk, 'policies');
      known(uri, one(name), policyNames());
      const { source } = findPolicy(one(name));
      return { contents: [{ uri: uri.href, mimeType, text: readFileSync(source, 'utf8') }] };
    },
  );
}

export function registerResources(server: McpServer, desk: Desk): void {
  state(server, desk);
  metrics(server, desk);
  documents(server, desk);
  policies(server, desk);
  schemas(server);
}
