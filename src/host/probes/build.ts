import { atLeast } from '../../versions.js';
import { missing, ok } from '../row.js';
import type { Probe } from './probe.js';

const NODE = { id: 'node', name: 'Node', required: true };
const ADDON = { id: 'addon', name: 'Native addon' };
const AGENT = { id: 'agent', name: 'Lab agent', required: true };
const SQLITE = { id: 'sqlite', name: 'SQLite', required: true };
export const SETUP = 'npm run setup';

/** The oldest Node this project runs on; Debian 13's. */
export const NODE_MINIMUM = '20.19';

/** What this project itself is made of: Node, the addon, SQLite, the lab guest's agent. */
export const probeBuild: Probe = ({ node, native, sqlite, agent }) => [
  atLeast(node, NODE_MINIMUM)
    ? ok(NODE, node)
    : missing(
        NODE,
        `${node}, older than ${NODE_MINIMUM}`,
        'parts of this program fail',
        'install Node 20.19 or newer',
      ),
  'absent' in native
    ? missing(
        ADDON,
        native.absent,
        'this host can be neither observed nor tuned; the lab is not affected',
        SETUP,
      )
    : ok(ADDON, 'loads'),
  sqlite === null
    ? ok(SQLITE, 'better-sqlite3 loads')
    : missing(SQLITE, sqlite.absent, 'nothing can be recorded: no trial, no change, no ledger', sqlite.fix),
  typeof agent === 'string'
    ? ok(AGENT, agent)
    : missing(AGENT, agent.absent, 'the lab cannot run: no trials, no proof of a change', SETUP),
];
