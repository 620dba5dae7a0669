/** Releases as people and `uname -r` write them. */
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { runShutdown } from '../../src/lab/shutdown-run.ts';
import { kernelRules } from '../../src/linux/kernel-rules.ts';
import { type KernelVersion, parseKernelVersion } from '../../src/linux/kernel-version.ts';

describe('a release', () => {
  it.each([
    ['4.3', 4, 3],
    ['5.10', 5, 10],
    ['6.1.192', 6, 1],
    ['6.0', 6, 0],
    ['6.1.0', 6, 1],
    ['6.1-rc1', 6, 1],
    ['6.1.0-rc8+', 6, 1],
    ['6.1.0-25-amd64', 6, 1],
    ['6.1.192+deb12u1-amd64', 6, 1],
    ['6.12.8_1', 6, 12],
    ['6.6.51+rpt-rpi-v8', 6, 6],
    ['4.18.0-553.el8_10.x86_64', 4, 18],
    ['5.15.167.4-microsoft-standard-WSL2', 5, 15],
    ['7.3', 7, 3],
  ])('%s', (text, major, minor) => {
    expect(parseKernelVersion(text)).toEqual({ major, minor });
  });

  it.each([
    '',
    '6',
    '6.',
    'v6.1',
    '06.1',
    '6.01',
    '6.1.',
    '6.1.x',
    '6.1.01',
    '6.1.192.5',
    '6.1.192.5.5',
    '6.1-',
    '6.1 ',
    '6.1.0 25',
    '6.1-rc1\n',
    '4.2',
    '5.20',
    '6.100',
    '7.4',
    '8.0',
  ])('is not %j', (text) => {
    expect(() => parseKernelVersion(text)).toThrow(/^expected a kernel release from 4\.3 to 7\.3/);
  });
});

it.each([
  ['"6.1"', '6.1'],
  ['nothing', undefined],
  ['4.2', { major: 4, minor: 2 }],
  ['numbers as text', { major: '6', minor: '1' }],
])('rules and a shutdown take no %s for a release', (_, version) => {
  const kernel = version as unknown as KernelVersion;
  expect(() => kernelRules(kernel)).toThrow(RangeError);
  expect(() => runShutdown(new Fabric([]), { kernel, path: 'reboot' })).toThrow(/^kernel: expected \{ major, minor \}/);
});
