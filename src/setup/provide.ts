import { candidateVersion, debianCodename, installPackages, installPrivately, updateLists } from '../apt.js';
import { TunesmithError } from '../errors.js';
import { atLeast } from '../versions.js';
import type { Need } from './needs.js';
import type { Say } from './say.js';

/**
 * Installs what is missing or too old: from the machine's own suites when they have it, else from its release's
 * backports through a private list. Does nothing, and asks no network, when every need is met.
 * @throws TunesmithError (incapable) when a package cannot be had, or is still too old afterwards.
 */
export async function provide(needs: readonly Need[], say: Say): Promise<void> {
  const lacking = await unmet(needs);
  if (lacking.length === 0) return;

  let candidates = await Promise.all(lacking.map((need) => candidateVersion(need.package)));
  if (candidates.includes(undefined)) {
    say('updating the package lists');
    await updateLists();
    candidates = await Promise.all(lacking.map((need) => candidateVersion(need.package)));
  }
  const { own, backports } = whereFrom(lacking, candidates);
  if (own.length > 0) {
    say(`installing ${own.join(' ')}`);
    await installPackages(own);
  }
  if (backports.length > 0) {
    const suite = `${debianCodename()}-backports`;
    say(`installing ${backports.join(' ')} from ${suite}`);
    await installPrivately(suite, backports);
  }
  for (const { package: name, minimum, have } of await unmet(lacking))
    throw new TunesmithError(
      'incapable',
      `${name}: ${(await have()) ?? 'none'} is in use, ${minimum} is needed`,
      {
        hint: `look for another ${name} earlier in PATH, or install a newer one`,
      },
    );
}

/** Splits package names by whether the machine's own candidate version will do. */
export function whereFrom(needs: readonly Need[], candidates: readonly (string | undefined)[]) {
  const good = (need: Need, i: number) => atLeast(candidates[i], need.minimum);
  return {
    own: needs.filter(good).map((need) => need.package),
    backports: needs.filter((need, i) => !good(need, i)).map((need) => need.package),
  };
}

async function unmet(needs: readonly Need[]): Promise<Need[]> {
  const versions = await Promise.all(needs.map((need) => need.have()));
  return needs.filter((need, i) => !atLeast(versions[i], need.minimum));
}
