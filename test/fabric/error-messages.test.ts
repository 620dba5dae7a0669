/** The way of error messages to the root port, and what the root port makes of them. PCIe 5.0 §6.2.6, figure 6-3. */
import { describe, expect, it } from 'vitest';
import { type MessageDelivery, sendErrorMessage } from '../../src/fabric/error-messages.ts';
import { platformReactions, react } from '../../src/fabric/platform-reaction.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { AER, type PortOptions } from '../generators/functions.ts';
import { machine, type Name } from './machine.ts';

const SERR = 0x0100;
const BRIDGE_SERR = 0x0002;
const messages = ['ERR_COR', 'ERR_NONFATAL', 'ERR_FATAL'] as const;
type Message = (typeof messages)[number];

describe('the gates on the way from 03:00.0', () => {
  const ports = ['downA', 'up', '1c'] as const;

  /** Figure 6-3 again: which port stops it, and which bits it leaves. */
  function expected(message: Message, serr: ReadonlySet<Name>, bridgeSerr: ReadonlySet<Name>) {
    const uncorrectable = message !== 'ERR_COR';
    const received: Name[] = [];
    const signaled: Name[] = [];
    for (const name of ports) {
      if (uncorrectable) received.push(name);
      if (!bridgeSerr.has(name) || (uncorrectable && !serr.has(name))) return { received, signaled, stopped: name };
      if (uncorrectable && name !== '1c') signaled.push(name);
    }
    return { received, signaled, stopped: undefined };
  }

  it.each(messages)('%s: by Bridge Control and Command of each port', (message) => {
    for (let gates = 0; gates < 64; gates++) {
      const serr = new Set(ports.filter((_, i) => ((gates >> i) & 1) === 1));
      const bridgeSerr = new Set(ports.filter((_, i) => ((gates >> (3 + i)) & 1) === 1));
      const options = Object.fromEntries(
        ports.map((name): [Name, PortOptions] => [
          name,
          { command: 7 | (serr.has(name) ? SERR : 0), bridgeControl: bridgeSerr.has(name) ? BRIDGE_SERR : 0 },
        ]),
      );
      const { fabric, fn } = machine(options);
      const { arena } = fabric;
      const delivery = sendErrorMessage(arena, fabric.topology, fn.ep, message);
      const want = expected(message, serr, bridgeSerr);
      const about = `${message} ${gates}`;
      expect(
        ports.filter((name) => (arena.u16(fn[name], 0x1e) & 0x4000) !== 0),
        about,
      ).toEqual(want.received);
      expect(
        ports.filter((name) => (arena.u16(fn[name], 0x06) & 0x4000) !== 0),
        about,
      ).toEqual(want.signaled);
      expect(delivery.rootPort, about).toBe(want.stopped === undefined ? fn['1c'] : NONE);
      expect(delivery.hops.find(({ passed }) => !passed)?.fn, about).toBe(
        want.stopped === undefined ? undefined : fn[want.stopped],
      );
      expect(arena.u32(fn['1c'], AER + 0x30) !== 0, about).toBe(want.stopped === undefined);
    }
  });

  it('are none for an error that a root port finds itself', () => {
    const { fabric, fn } = machine();
    const delivery = sendErrorMessage(fabric.arena, fabric.topology, fn['1c'], 'ERR_NONFATAL');
    expect(delivery.rootPort).toBe(fn['1c']);
    expect(fabric.arena.u16(fn['1c'], 0x1e) & 0x4000).toBe(0);
    expect(fabric.arena.u32(fn['1c'], AER + 0x34)).toBe(0x00e00000);
  });

  it('lead nowhere without a root port', () => {
    const { fabric, fn } = machine();
    expect(sendErrorMessage(fabric.arena, fabric.topology, fn.rciep, 'ERR_FATAL')).toMatchObject({
      rootPort: NONE,
      hops: [],
    });
  });
});

/** A root port that gets messages of functions below and its own. */
function rootPort(options: PortOptions = {}) {
  const { fabric, fn } = machine({ '1d': { command: 7 | SERR, bridgeControl: BRIDGE_SERR, ...options } });
  const { arena, topology } = fabric;
  const at = fn['1d'];
  return {
    arena,
    at,
    receive: (message: Message, from: Name = 'ep2'): MessageDelivery =>
      sendErrorMessage(arena, topology, fn[from], message),
    status: () => arena.u32(at, AER + 0x30),
    source: () => arena.u32(at, AER + 0x34),
    clear: (bits: number) => arena.write(at, AER + 0x30, 4, bits),
  };
}

describe('Root Error Status and Error Source Identification', () => {
  it.each<[Message[], number, number]>([
    [['ERR_COR'], 0x01, 0x0000_0600],
    [['ERR_COR', 'ERR_COR'], 0x03, 0x0000_0600],
    [['ERR_NONFATAL'], 0x24, 0x0600_0000],
    [['ERR_NONFATAL', 'ERR_NONFATAL'], 0x2c, 0x0600_0000],
    [['ERR_FATAL'], 0x54, 0x0600_0000],
    [['ERR_FATAL', 'ERR_NONFATAL'], 0x7c, 0x0600_0000],
    [['ERR_NONFATAL', 'ERR_FATAL'], 0x6c, 0x0600_0000],
    [['ERR_COR', 'ERR_NONFATAL'], 0x25, 0x0600_0600],
  ])('%j: %i', (list, status, source) => {
    const port = rootPort();
    for (const message of list) port.receive(message);
    expect([port.status(), port.source()]).toEqual([status, source]);
  });

  it('keep the first source until its bit is cleared', () => {
    const port = rootPort();
    port.receive('ERR_NONFATAL', 'ep2');
    port.receive('ERR_NONFATAL', '1d');
    expect(port.source() >>> 16).toBe(0x0600);
    port.clear(0x7f);
    expect(port.status()).toBe(0);
    port.receive('ERR_NONFATAL', '1d');
    expect(port.source() >>> 16).toBe(0x00e8);
  });

  it('do not depend on Root Control and Root Error Command', () => {
    const port = rootPort({ rootControl: 0, rootErrorCommand: 0 });
    expect(port.receive('ERR_FATAL')).toMatchObject({ interrupt: 'not enabled', systemError: false });
    expect(port.status()).toBe(0x54);
  });
});

describe("the root port's interrupt", () => {
  it.each<[Message, number]>([
    ['ERR_COR', 1],
    ['ERR_NONFATAL', 2],
    ['ERR_FATAL', 4],
  ])('for %s needs Root Error Command %i', (message, enable) => {
    for (let command = 0; command < 8; command++) {
      const port = rootPort({ armed: 'msi', rootErrorCommand: command });
      expect(port.receive(message).interrupt, `${command}`).toBe((command & enable) !== 0 ? 'MSI' : 'not enabled');
    }
  });

  it('goes out on the edge: a second class under an enabled one that is still set makes none', () => {
    const port = rootPort({ armed: 'msi', rootErrorCommand: 7 });
    expect(port.receive('ERR_NONFATAL').interrupt).toBe('MSI');
    expect(port.receive('ERR_NONFATAL').interrupt).toBe('pending');
    expect(port.receive('ERR_COR').interrupt).toBe('pending');
    port.clear(port.status());
    expect(port.receive('ERR_COR').interrupt).toBe('MSI');
  });

  it('goes out where what was set before is not enabled', () => {
    const port = rootPort({ armed: 'msi-x', rootErrorCommand: 2 });
    expect(port.receive('ERR_COR').interrupt).toBe('not enabled');
    expect(port.receive('ERR_NONFATAL').interrupt).toBe('MSI-X');
  });

  it("is a memory write of the port's own: Bus Master Enable suppresses MSI and MSI-X, not INTx", () => {
    for (const armed of ['msi', 'msi-x'] as const)
      expect(rootPort({ armed, rootErrorCommand: 7, command: 3 | SERR }).receive('ERR_NONFATAL').interrupt).toBe(
        'suppressed by Bus Master Enable',
      );
    expect(rootPort({ rootErrorCommand: 7, command: 3 | SERR }).receive('ERR_NONFATAL').interrupt).toBe('INTx');
  });

  it('stays suppressed with each further error: no MSI ever went out', () => {
    const port = rootPort({ armed: 'msi', rootErrorCommand: 7, command: 3 | SERR });
    const interrupts = [1, 2, 3].map(() => port.receive('ERR_NONFATAL').interrupt);
    expect(interrupts).toEqual(Array(3).fill('suppressed by Bus Master Enable'));
  });

  it('by INTx follows the level, and Interrupt Disable', () => {
    const port = rootPort({ rootErrorCommand: 7 });
    expect([port.receive('ERR_COR').interrupt, port.receive('ERR_COR').interrupt]).toEqual(['INTx', 'INTx']);
    expect(rootPort({ rootErrorCommand: 7, command: 7 | SERR | 0x400 }).receive('ERR_COR').interrupt).toBe(
      'INTx disabled',
    );
  });

  it('is none without AER', () => {
    expect(rootPort({ aer: false }).receive('ERR_NONFATAL')).toMatchObject({ interrupt: 'no AER', systemError: false });
  });
});

describe('a System Error', () => {
  it.each<[Message, number]>([
    ['ERR_COR', 1],
    ['ERR_NONFATAL', 2],
    ['ERR_FATAL', 4],
  ])('for %s needs Root Control %i', (message, enable) => {
    for (let rootControl = 0; rootControl < 8; rootControl++)
      expect(rootPort({ rootControl }).receive(message).systemError, `${rootControl}`).toBe(
        (rootControl & enable) !== 0,
      );
  });
});

describe('what the platform makes of it', () => {
  const delivery: MessageDelivery = {
    message: 'ERR_NONFATAL',
    hops: [],
    rootPort: 0,
    interrupt: 'MSI',
    systemError: false,
  };

  it.each([
    ['native', delivery, 'aer'],
    ['native', { ...delivery, interrupt: 'pending' }, 'aer'],
    ['serr-nmi', delivery, 'unreported'],
    ['serr-nmi', { ...delivery, systemError: true }, 'nmi'],
    ['firmware-first-nmi', { ...delivery, interrupt: 'not enabled' }, 'nmi'],
    ['firmware-first-nmi', { ...delivery, message: 'ERR_FATAL' }, 'nmi'],
    ['firmware-first-nmi', { ...delivery, message: 'ERR_COR' }, 'unreported'],
    ['firmware-first-reset', { ...delivery, interrupt: 'not enabled' }, 'reset'],
    ['firmware-first-reset', { ...delivery, message: 'ERR_FATAL' }, 'reset'],
    ['firmware-first-reset', { ...delivery, message: 'ERR_COR' }, 'unreported'],
  ] as const)('%s: %#', (platform, given, result) => {
    expect(react(platform, given).result).toBe(result);
  });

  it.each([
    ['no AER', /has no AER/],
    ['not enabled', /^Root Error Command enables no interrupt/],
    ['INTx disabled', /INTx, and Interrupt Disable of the port is set/],
    ['suppressed by Bus Master Enable', /Bus Master Enable is clear/],
  ] as const)('native, interrupt %s: unreported, for a reason of its own', (interrupt, why) => {
    expect(react('native', { ...delivery, interrupt })).toEqual({
      result: 'unreported',
      why: expect.stringMatching(why),
    });
  });

  it.each(platformReactions)('%s: nothing where no message is sent, or none arrives', (platform) => {
    expect(react(platform, undefined).result).toBe('unreported');
    const hops = [{ fn: 3, passed: false, why: 'Bridge Control.SERR# Enable is clear' }];
    const stopped = react(platform, { ...delivery, rootPort: NONE, hops });
    expect(stopped.result).toBe('unreported');
    expect(stopped.why).toContain('Bridge Control.SERR# Enable is clear');
  });
});
