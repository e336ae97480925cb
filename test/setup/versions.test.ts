import { expect, test } from 'vitest';
import { whereFrom } from '../../src/setup/provide.js';
import { atLeast, compareVersions, versionNumbers } from '../../src/versions.js';

test.each([
  ['1:10.0.2+ds-2+deb13u1~bpo12+1', [10, 0, 2]],
  ['v7.5.0', [7, 5, 0]],
  ['6.18.15+deb13-cloud-amd64', [6, 18, 15]],
  ['19', [19]],
  ['', []],
  ['unknown', []],
])('the numbers of %j', (text, numbers) => {
  expect(versionNumbers(text)).toEqual(numbers);
});

test.each([
  ['1:7.2+dfsg-7', '8.2', -1],
  ['8.2', '8.2.0', 0],
  ['10.0', '8.2', 1],
  ['1.10', '1.9', 1],
  ['20.19.0', '20.19', 0],
  ['20.9.0', '20.19', -1],
])('%s against %s', (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
  expect(Math.sign(compareVersions(b, a))).toBe(0 - sign);
  expect(atLeast(a, b)).toBe(sign >= 0);
});

test('an unknown version is never enough', () => {
  for (const version of [undefined, '', 'none']) expect(atLeast(version, '0')).toBe(false);
});

test('a package comes from the machine’s own suites when they are new enough, else from backports', () => {
  const need = (name: string, minimum: string) => ({ package: name, minimum, have: async () => undefined });
  const needs = [need('qemu-system-x86', '8.2'), need('libbpf-dev', '1.2'), need('bpftool', '7.5')];
  const bookworm = ['1:7.2+dfsg-7+deb12u18', '1:1.1.2-0+deb12u1', undefined];
  expect(whereFrom(needs, bookworm)).toEqual({
    own: [],
    backports: ['qemu-system-x86', 'libbpf-dev', 'bpftool'],
  });
  const trixie = ['1:10.0.13+ds-0+deb13u1', '1:1.5.0-3', '7.5.0+6.12.95-1'];
  expect(whereFrom(needs, trixie)).toEqual({
    own: ['qemu-system-x86', 'libbpf-dev', 'bpftool'],
    backports: [],
  });
});
