import { TunesmithError } from '../../errors.js';
import { findBpftool, findClang } from '../../host/probes/tools.js';
import { run } from '../../host/run.js';
import { atLeast } from '../../versions.js';

export interface Tool {
  readonly program: string;
  readonly version: string;
}

/** Older ones write no prototypes of kfuncs into vmlinux.h. */
const BPFTOOL_MINIMUM = '7.5';

/** Looked for once in a process's life; a failure is looked into again. */
function once(find: () => Promise<Tool>): () => Promise<Tool> {
  let found: Promise<Tool> | undefined;
  return () => {
    found ??= find().catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
}

/** The clang policies are compiled with. @throws TunesmithError (incapable) when there is none. */
export const clang = once(async () => {
  const tool = await findClang(run);
  if (tool) return tool;
  throw new TunesmithError('incapable', 'there is no clang to compile a policy with', {
    hint: 'sudo apt-get install clang-19',
  });
});

/** @throws TunesmithError (incapable) when there is none, or one that is too old. */
export const bpftool = once(async () => {
  const tool = await findBpftool(run);
  if (tool && atLeast(tool.version, BPFTOOL_MINIMUM)) return tool;
  throw new TunesmithError(
    'incapable',
    `a policy needs bpftool ${BPFTOOL_MINIMUM} or later, and ${tool ? `this is ${tool.version}` : 'there is none'}`,
    { hint: 'npm run setup' },
  );
});

let resources: Promise<string> | undefined;

/** The directory of clang's own headers is below this one. */
export function resourceDir(): Promise<string> {
  resources ??= clang().then(async ({ program }) =>
    (await run(program, ['-print-resource-dir'])).stdout.trim(),
  );
  return resources;
}
