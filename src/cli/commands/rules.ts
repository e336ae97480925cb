import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { Command } from 'commander';
import { parse } from 'yaml';
import { z } from 'zod';
import { changeScopeText } from '../../change/scope.js';
import { EXIT, messageOf, usageError } from '../../errors.js';
import type { Call } from '../../govern/call.js';
import { Governor } from '../../govern/governor.js';
import { readRules } from '../../govern/load.js';
import { RISKS } from '../../govern/schema.js';
import { reachOf } from '../../host/reach.js';
import { parseSettings } from '../../knobs/parse.js';
import { riskOf } from '../../knobs/risk.js';
import { atLeast } from '../../versions.js';
import { collect } from '../options.js';
import { makeOutput } from '../output.js';

const scheduler = () => (atLeast(release(), '6.6') ? 'eevdf' : 'cfs');

interface ExplainFlags {
  readonly tool: string;
  readonly caller: string;
  readonly set: string[];
  readonly current: string[];
  readonly scope?: string;
  readonly json?: boolean;
}

const callFrom = (flags: ExplainFlags): Call => {
  const values = parseSettings(flags.set, scheduler(), 'host');
  const risk = riskOf(Object.keys(values));
  return {
    tool: flags.tool,
    caller: flags.caller,
    values,
    current: parseSettings(flags.current, scheduler(), 'host'),
    ...(flags.scope === undefined
      ? {}
      : { scope: flags.scope, reaches: reachOf(changeScopeText(flags.scope)) }),
    ...(risk === undefined ? {} : { risk }),
  };
};

const checkCommand = (): Command =>
  new Command('check')
    .description('whether a rules file is sound; says line and column where it is not')
    .argument('<file>')
    .option('--json', 'print one JSON object')
    .action((file: string, flags: { json?: boolean }) => {
      const { rules } = readRules(file);
      const text = `${file} is sound: ${rules.length} rule${rules.length === 1 ? '' : 's'}`;
      makeOutput(flags.json ?? false).result(
        { schema: 'tunesmith.rules-check/1', rules: rules.length },
        text,
      );
    });

const explainCommand = (): Command =>
  new Command('explain')
    .description('what a rules file says of a call, and why')
    .argument('<file>')
    .requiredOption('--tool <name>', 'for example os.scheduler.set_params_staged')
    .option('--caller <name>', 'who makes it', 'agent:stdio')
    .option('--set <knob=value>', 'a knob it sets; may be repeated', collect, [])
    .option('--current <knob=value>', 'a value in force, for steps; may be repeated', collect, [])
    .option('--scope <what>', 'machine, cpus:LIST, cgroup:/PATH, pid:N, tree:PID')
    .option('--json', 'print one JSON object')
    .action((file: string, flags: ExplainFlags) => {
      const decision = new Governor(readRules(file)).decide(callFrom(flags));
      const lines = [
        `${decision.verdict}: ${decision.reasons.join('; ')}`,
        ...(decision.field === undefined ? [] : [`${decision.field}: allowed is ${decision.allowed}`]),
      ];
      makeOutput(flags.json ?? false).result(
        { schema: 'tunesmith.decision/1', ...decision },
        lines.join('\n'),
      );
    });

const values = z.record(z.string(), z.number());
const casesSchema = z.array(
  z.strictObject({
    tool: z.string(),
    caller: z.string(),
    arguments: z.record(z.string(), z.unknown()).optional(),
    values: values.optional(),
    current: values.optional(),
    scope: z.string().optional(),
    reaches: z.array(z.string()).optional(),
    risk: z.enum(RISKS).optional(),
    expect: z.enum(['allow', 'ask', 'deny']),
    rule: z.string().optional(),
  }),
);

function readCases(file: string): z.infer<typeof casesSchema> {
  let content: unknown;
  try {
    content = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw usageError('cases', file, `cannot be read: ${messageOf(error)}`);
  }
  const parsed = casesSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw usageError('cases', file, `case ${issue?.path.join('.')}: ${issue?.message}`);
}

const testCommand = (): Command =>
  new Command('test')
    .description('whether a rules file decides a list of calls as expected')
    .argument('<file>')
    .argument('<cases>', 'YAML: a list of {tool, caller, values, current, scope, reaches, expect, rule}')
    .option('--json', 'print one JSON object')
    .action((file: string, cases: string, flags: { json?: boolean }) => {
      const governor = new Governor(readRules(file));
      const results = readCases(cases).map(({ expect, rule, ...call }, i) => {
        const decision = governor.decide({
          ...call,
          risk: call.risk ?? riskOf(Object.keys(call.values ?? {})),
        } as Call);
        const good = decision.verdict === expect && (rule === undefined || decision.rule === rule);
        return { case: i + 1, good, expect, ...decision };
      });
      const failed = results.filter(({ good }) => !good);
      const lines = failed.map(
        (r) =>
          `case ${r.case}: ${r.verdict} by ${r.rule ?? 'no rule'}, not ${r.expect}: ${r.reasons.join('; ')}`,
      );
      lines.push(`${results.length - failed.length} of ${results.length} cases as expected`);
      makeOutput(flags.json ?? false).result({ schema: 'tunesmith.rules-test/1', results }, lines.join('\n'));
      if (failed.length > 0) process.exitCode = EXIT.rejected;
    });

export const rulesCommand = (): Command =>
  new Command('rules').addCommand(checkCommand()).addCommand(testCommand()).addCommand(explainCommand());
