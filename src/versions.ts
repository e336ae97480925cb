/**
 * The dotted numbers a version starts with: `1:10.0.2+ds-2~bpo12+1` → [10, 0, 2], `v7.5.0` → [7, 5, 0].
 * Epoch, packaging revision and suffixes are left out; text without a number gives [].
 */
export function versionNumbers(text: string): number[] {
  const match = /^\s*(?:\d+:)?v?(\d+(?:\.\d+)*)/.exec(text);
  return match?.[1] === undefined ? [] : match[1].split('.').map(Number);
}

/** Orders two versions by their numbers, part by part; a missing part counts as 0. Negative: `a` is older. */
export function compareVersions(a: string, b: string): number {
  const left = versionNumbers(a);
  const right = versionNumbers(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** True when `version` is known and not older than `minimum`. */
export const atLeast = (version: string | undefined, minimum: string): boolean =>
  version !== undefined && versionNumbers(version).length > 0 && compareVersions(version, minimum) >= 0;
