import { Command } from 'commander';
import type { ChangeEvent } from '../../change/types.js';
import { usageError } from '../../errors.js';
import { DEFAULT_RULES } from '../../govern/default-rules.js';
import { parseRules, readRules } from '../../govern/load.js';
import { toolDocs } from '../../mcp/docs.js';
import { CHANGES, SETTINGS } from '../../mcp/resources/index.js';
import { overHttp } from '../../mcp/serve/http.js';
import { openServices } from '../../mcp/serve/services.js';
import { overStdio, type Served } from '../../mcp/serve/stdio.js';
import { tokens } from '../../mcp/serve/tokens.js';
import { parseCount } from '../../units.js';
import { examples } from '../examples.js';
import { trusting } from '../options.js';
import { account } from './mcp-account.js';

interface Flags {
  readonly http?: string;
  readonly rules?: string;
  readonly caller: string;
  readonly tokenFile?: string;
}

const note = (text: string): void => void process.stderr.write(`${text}\n`);

/** Resolves when the client is gone or a signal says so. */
const over = (stdio: boolean): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
    if (stdio) for (const event of ['end', 'close'] as const) process.stdin.once(event, () => resolve());
  });

async function serve(flags: Flags): Promise<void> {
  if (!/^[\w@.:-]{1,64}$/.test(flags.caller))
    throw usageError(
      '--caller',
      flags.caller,
      'is no name',
      'letters, digits and @ . : _ -, such as agent:tuner',
    );
  const rules =
    flags.rules === undefined ? parseRules(DEFAULT_RULES, 'built-in rules') : readRules(flags.rules);
  const port = flags.http === undefined ? undefined : parseCount(flags.http, '--http', 0, 65_535);
  if (flags.tokenFile !== undefined && port === undefined)
    throw usageError('--token-file', flags.tokenFile, 'goes with --http', 'leave it out');
  let served: Served | undefined;
  const onChange = ({ change }: ChangeEvent): void => {
    for (const uri of [CHANGES, `changes://${change.id}`, SETTINGS]) served?.changed(uri);
  };
  using ledger = account();
  const { services, close } = openServices(rules, ledger, onChange);
  const ended = over(port === undefined);
  try {
    if (port === undefined) {
      served = overStdio(services, flags.caller, note);
    } else {
      const { authenticate, own } = tokens(flags.tokenFile);
      const http = await overHttp(services, port, authenticate, note);
      served = http;
      note(`listening on ${http.url}${own === undefined ? '' : `; the bearer token is in ${own}`}`);
    }
    await ended;
    await served.close();
  } finally {
    await close();
  }
}

const docsCommand = (): Command =>
  new Command('docs')
    .description('every tool, as docs/mcp.md lists them')
    .action(() => void process.stdout.write(`${toolDocs()}\n`));

export const mcpCommand = (): Command =>
  examples(
    trusting(new Command('mcp'))
      .option('--http <port>', 'Streamable HTTP on 127.0.0.1; 0: a free port')
      .option('--rules <file>', 'who may do what (default: look, measure and the lab; changes are asked)')
      .option('--caller <name>', 'who the client on standard input is, to the rules', 'agent:stdio')
      .option(
        '--token-file <file>',
        'bearer tokens, mode 0600, one `CALLER TOKEN` a line (or TUNESMITH_MCP_TOKEN)',
      )
      .addCommand(docsCommand())
      .action(serve),
    'tunesmith mcp --rules rules.yaml',
    'tunesmith mcp --http 8123 --token-file tokens',
  );
