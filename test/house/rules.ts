/** Rules that hold for single files; each takes what it judges, so that the tests can show it wrong ones. */

/** Lines above this make a file that nobody reads at one go. */
export const MOST_LINES = 400;

export const tooLong = (text: string): boolean => text.trimEnd().split('\n').length > MOST_LINES;

/** Hosts of package registries: what is committed must install from whichever registry its user has. */
const REGISTRY =
  /https?:\/\/[^/\s"']*(?:registry|npmjs|yarnpkg|pypi|crates|golang|artifactory|nexus|verdaccio)|\bregistry\.(?:npmjs|yarnpkg)\b|\bproxy\.golang\b|"resolved":/;

/** The first line that names a registry, or undefined. */
export const registryLine = (text: string): string | undefined =>
  text.split('\n').find((line) => REGISTRY.test(line));

/** What the kernel loads as `Dual MIT/GPL` says so, as an SPDX expression or in the kernel's own words. */
const DUAL = /SPDX-License-Identifier:\s*\(?(?:MIT OR GPL-2\.0\S*|GPL-2\.0\S* OR MIT)\)?|Dual MIT\/GPL/;

export const isDualLicensed = (text: string): boolean => DUAL.test(text);

/** Wall-clock limits in a test file, ms: a whole test's as its last argument, its options or a setting, a poll's. */
const LIMITS = [
  /^\s*\}, ([\d_]+)\);$/,
  /^\s+([\d_]{4,}),$/,
  /\b(?:test|hook)Timeout: ([\d_]+)/,
  /\b(?:describe|test|it)\b.*\{ timeout: ([\d_]+) \}/,
  /\.poll\(.*\btimeout: ([\d_]+)/,
  /^const (?:[A-Z]+) = \{ timeout: ([\d_]+)/,
];
/** A limit below this goes by how fast the machine is, ms: limits are for hangs. */
const TIGHTEST_MS = 600_000;

/** The lines of a test file with a limit that a busy machine may exceed. */
export const tightLimits = (text: string): string[] =>
  text.split('\n').filter((line) =>
    LIMITS.some((limit) => {
      const ms = limit.exec(line)?.[1];
      return ms !== undefined && Number(ms.replaceAll('_', '')) < TIGHTEST_MS;
    }),
  );
