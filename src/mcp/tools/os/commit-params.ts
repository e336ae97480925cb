import { tool } from '../../tool.js';
import { changeView } from './change-view.js';
import { finishInput, finishOutput, finishTouches } from './finish.js';

export const commitParams = tool({
  name: 'os.scheduler.commit_params',
  title: 'Commit a staged change',
  description:
    'Keeps a staged change: it outlives this server, until it is reverted or the machine boots again. The paper’s ' +
    'os.scheduler/commit_cfs_params.',
  effect: 'keep',
  input: finishInput,
  output: finishOutput,
  touches: (args, visit) => finishTouches(args, visit, 'knobs'),
  run: ({ change_token }, { caller, services }) => ({
    change: changeView(services.changes.commit(change_token, { caller })),
  }),
});
