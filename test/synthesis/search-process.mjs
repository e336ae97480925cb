// A search over genes in a process of its own, in the real lab with nothing cached, as synthesize runs it but with short
// windows and no other load: its outcome as JSON. For test/synthesis/killed.test.ts, which kills it.
import { Lab } from '../../dist/lab/lab.js';
import { objectiveOf } from '../../dist/loop/objective.js';
import { LabEvaluator } from '../../dist/synthesis/evaluate.js';
import { genesSource } from '../../dist/synthesis/genes/candidate.js';
import { GenesProposer } from '../../dist/synthesis/genes/proposer.js';
import { search } from '../../dist/synthesis/search/search.js';
import { workloadByName } from '../../dist/workloads/index.js';

const [, , journal] = process.argv;
const lab = new Lab({ fresh: true });
const effort = (windowNs, seed) => ({ rigour: 'search', windowNs, seeds: [seed] });
const { own, tried, finalists, ended } = await search({
  where: {
    ...{ workload: 'mixed', parameters: {}, cpus: 2, kernel: '6.18' },
    objective: objectiveOf(workloadByName('mixed')),
  },
  ...{ seed: 1, generation: 3, finalists: 1, budget: { candidates: 6 }, journal },
  evaluator: new LabEvaluator(lab),
  efforts: [effort(50e6, 1), effort(100e6, 11)],
  proposers: [new GenesProposer(genesSource(), 1)],
});
await lab.close();
process.stdout.write(JSON.stringify({ own, tried, finalists, ended }));
