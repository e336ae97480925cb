"""Reference data of SMAC3 for test/tuners/bayesian*.test.ts.

Not part of set-up or tests: it needs Python with smac 2.4.1, ConfigSpace 1.2.2, scikit-learn and scipy, and takes
about ten minutes on two cores. `python3 generate.py > smac3.jsonl`, in this directory.

SMAC3's local search goes through its starting points in the order of a set, which is that of the hashes of strings:
Python draws those anew for every process, whatever seed SMAC3 was given. With PYTHONHASHSEED fixed (below) the same
versions give the same figures to the last digit.
"""

import json
import logging
import math
import os
import sys
import tempfile
import warnings
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version

import numpy as np
from ConfigSpace import Configuration, ConfigurationSpace, UniformIntegerHyperparameter

RANGES = {"a": (2_000_000, 100_000_000), "b": (200_000, 10_000_000)}
DEFAULT = {"a": 24_000_000, "b": 3_000_000}
SEEDS = range(1, 33)
MARKS = [20, 50]


def unit(name, value):
    low, high = RANGES[name]
    return math.log(value / low) / math.log(high / low)


def branin(u, v):
    x, y = 15 * u - 5, 15 * v
    bend = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return 1 + bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def valley(u, v):
    turn = max(2 * 50**u / 4, 0.2 * 50**v)
    return 1 + 0.15 * math.log(turn / 1.2) ** 2 + 0.1 * u


def wells(u, _):
    dip = lambda d: math.exp(-(d**2) / (2 * 0.08**2))
    return 1.5 - 0.3 * dip(u - 0.25) - 0.5 * dip(u - 0.85)


# Name: function, knobs, relative noise (standard deviation) of one measurement.
FUNCTIONS = {"branin": (branin, "ab", 0.0), "valley": (valley, "ab", 0.05), "wells": (wells, "a", 0.02)}


def space(names, seed=0):
    cs = ConfigurationSpace(seed=seed)
    for name in names:
        low, high = RANGES[name]
        cs.add(UniformIntegerHyperparameter(name, low, high, default_value=DEFAULT[name], log=True))
    return cs


def best_at(job):
    name, seed = job
    from smac import HyperparameterOptimizationFacade as Facade, Scenario
    from smac.runhistory.dataclasses import TrialInfo, TrialValue

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    function, names, noise = FUNCTIONS[name]
    draw = np.random.default_rng([seed, 7])
    cs = space(names, seed)

    def true(config):
        return function(*[unit(n, config[n]) if n in names else 0.0 for n in "ab"])

    with tempfile.TemporaryDirectory() as out:
        scenario = Scenario(
            cs, deterministic=False, n_trials=max(MARKS), seed=seed, output_directory=out
        )
        smac = Facade(scenario, lambda config, seed: 0.0, overwrite=True, logging_level=50)
        smac._model._rf_opts["n_jobs"] = 1
        figures = []
        info = TrialInfo(config=Configuration(cs, values={n: DEFAULT[n] for n in names}), seed=0)
        for trial in range(1, max(MARKS) + 1):
            cost = true(info.config) * (1 + noise * draw.standard_normal())
            smac.tell(info, TrialValue(cost=cost, time=1.0), save=False)
            if trial in MARKS:
                figures.append(true(smac.intensifier.get_incumbent()))
            if trial < max(MARKS):
                info = smac.ask()
    print(name, seed, figures, file=sys.stderr, flush=True)
    return figures


def encoder():
    rows = []
    for name in "ab":
        cs = space(name)
        hp = cs[name]
        for value in np.unique(np.geomspace(*RANGES[name], 25).round().astype(int)):
            rows.append({"knob": name, "value": int(value), "vector": float(hp.to_vector(int(value)))})
        for vector in np.linspace(0, 1, 21):
            value = int(hp.to_value(float(vector)))
            rows.append({"knob": name, "value": value, "vector": float(hp.to_vector(value)), "from": float(vector)})
    return rows


def costs():
    from smac.runhistory.encoder import RunHistoryLogScaledEncoder

    class Bare(RunHistoryLogScaledEncoder):
        def __init__(self, y):
            self._percentile = np.percentile(y, 5, axis=0)
            self._min_y, self._max_y = np.min(y, axis=0), np.max(y, axis=0)

    draw = np.random.default_rng(5)
    cases = [draw.lognormal(3, 1, n) for n in (2, 5, 17, 60)] + [draw.normal(0, 100, 12), np.array([3.0, 3.0, 8.0])]
    return [
        {"costs": y.tolist(), "encoded": Bare(y.reshape(-1, 1)).transform_response_values(y.reshape(-1, 1).copy()).flatten().tolist()}
        for y in cases
    ]


def improvement():
    from smac.acquisition.function import EI

    class Model:
        def __init__(self, mean, variance):
            self.given = mean, variance

        def predict_marginalized(self, X):
            return self.given

    rows = []
    for log in (True, False):
        for eta in (-3.0, -0.4, 0.7):
            mean, variance = [x.reshape(-1, 1) for x in np.meshgrid(np.linspace(-4, 1, 9), [1e-10, 1e-4, 0.02, 0.5, 3.0])]
            ei = EI(log=log)
            ei._model, ei._eta = Model(mean, variance.copy()), eta
            values = ei._compute(np.zeros((len(mean), 1)))
            rows.append({"log": log, "eta": eta, "mean": mean.flatten().tolist(), "variance": variance.flatten().tolist(), "ei": values.flatten().tolist()})
    return rows


def sobol():
    from scipy.stats.qmc import Sobol

    return Sobol(d=8, scramble=False).random(64).tolist()


def forest():
    from smac.model.random_forest.random_forest import EPMRandomForest

    draw = np.random.default_rng(11)
    cases = []
    for n, dims in ((12, 1), (40, 2), (120, 3)):
        X = draw.random((n, dims))
        X[n // 2 :: 5] = X[: len(X[n // 2 :: 5])]
        y = np.log(draw.random(n) + 0.05 + (X**2).sum(axis=1))
        rf = EPMRandomForest(10, log_y=True, min_impurity_decrease=1e-8, max_features=dims, bootstrap=True, max_depth=2**20, max_leaf_nodes=2**20, random_state=3, n_jobs=1)
        rf.fit(X, y)
        asked = draw.random((50, dims))
        mean, variance = rf.predict(asked)
        cases.append({"X": X.tolist(), "y": y.tolist(), "samples": [list(map(int, s)) for s in rf.estimators_samples_], "asked": asked.tolist(), "mean": mean.flatten().tolist(), "variance": variance.flatten().tolist()})
    return cases


def main():
    jobs = [(name, seed) for name in FUNCTIONS for seed in SEEDS]
    with ProcessPoolExecutor(max_workers=int(os.environ.get("JOBS", "1"))) as pool:
        figures = list(pool.map(best_at, jobs))
    runs = {name: {str(mark): [f[i] for (n, _), f in zip(jobs, figures) if n == name] for i, mark in enumerate(MARKS)} for name in FUNCTIONS}
    packages = ["smac", "ConfigSpace", "scikit-learn", "scipy", "numpy"]
    json.dump(
        {"versions": {p: version(p) for p in packages}, "encoder": encoder(), "costs": costs(), "improvement": improvement(), "sobol": sobol(), "forest": forest(), "bestAt": runs},
        sys.stdout,
    )
    print()


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    main()
