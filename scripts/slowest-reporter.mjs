/** Ends a run of vitest with the test files that took longest, their hooks included: where to look when it gets slow. */
const SHOWN = 25;

export default class SlowestReporter {
  onTestRunEnd(modules) {
    const taken = modules.map((module) => [module.diagnostic().duration / 1000, module.relativeModuleId]);
    for (const [seconds, name] of taken.sort(([a], [b]) => b - a).slice(0, SHOWN))
      console.log(`${seconds.toFixed(0).padStart(6)} s  ${name}`);
  }
}
