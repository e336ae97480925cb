import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CgroupNames, cgroupNames } from '../../src/host/cgroup-names.js';
import { tree } from './fixture.js';

const inode = (...path: string[]): number => statSync(join(...path)).ino;

describe('names of cgroups', () => {
  it('are the paths of their directories in the hierarchy that was given, and of no other', () => {
    const [one, two] = [tree(), tree()];
    for (const root of [one, two]) mkdirSync(join(root, 'a/b'), { recursive: true });
    const names = new CgroupNames('v2', one);
    expect(names.pathOf(inode(one))).toBe('/');
    expect(names.pathOf(inode(one, 'a/b'))).toBe('/a/b');
    expect(names.pathOf(inode(two, 'a'))).toBeNull();
    expect(new CgroupNames('v1', two).pathOf(inode(two, 'a'))).toBe('/a');
  });

  it('are found when they came later, stay when they are gone, and cannot steer a terminal', () => {
    const root = tree();
    const names = new CgroupNames('v2', root);
    expect(names.pathOf(inode(root))).toBe('/');
    mkdirSync(join(root, 'late'));
    const late = inode(root, 'late');
    expect(names.pathOf(late)).toBe('/late');
    mkdirSync(join(root, '\x1b[2Jx'));
    const path = names.pathOf(inode(root, '\x1b[2Jx'));
    expect(path).toContain('x');
    expect(path).not.toContain('\x1b');
    rmdirSync(join(root, 'late'));
    expect(names.pathOf(late)).toBe('/late');
  });

  it('are read by one reader for all who ask for a hierarchy', () => {
    expect(cgroupNames('v2')).toBe(cgroupNames('v2'));
    expect(cgroupNames('v1')).not.toBe(cgroupNames('v2'));
  });
});
