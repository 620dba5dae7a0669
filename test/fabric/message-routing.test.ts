/** Messages by routing r[2:0], and what their receivers make of their codes. PCIe 5.0 §2.2.8, table 2-18. */
import { describe, expect, it } from 'vitest';
import { HOST } from '../../src/fabric/exact-router.ts';
import { NONE } from '../../src/fabric/topology.ts';
import { tlpHeader } from '../../src/tlp/header.ts';
import { machine, type Name } from './machine.ts';

type Options = Parameters<typeof machine>[0];
interface Fields {
  readonly destinationId?: number;
  readonly addressLo?: number;
  readonly requesterId?: number;
}

const [TO_ROOT, BY_ADDRESS, BY_ID, BROADCAST, LOCAL, GATHERED] = [0, 1, 2, 3, 4, 5];
const [PM_PME, PME_TURN_OFF, PME_TO_ACK, LTR, OBFF, ASSERT_INTA, SLOT_POWER, PTM_REQUEST] = [
  0x18, 0x19, 0x1b, 0x10, 0x12, 0x20, 0x50, 0x52,
];
const [VENDOR_0, VENDOR_1, UNDEFINED] = [0x7e, 0x7f, 0x6a];

function sent(code: number, routing: number, from: Name | 'host', options: Options = {}, fields: Fields = {}) {
  const { fabric, fn } = machine(options);
  const sender = from === 'host' ? HOST : fn[from];
  const requesterId = sender === HOST ? 0 : fabric.arena.idOf(sender);
  const header = tlpHeader('Msg', { requesterId, messageCode: code, routing, ...fields });
  const { outcome, at, copies } = fabric.send(header, sender);
  const nameOf = (index: number) => (Object.keys(fn) as Name[]).find((one) => fn[one] === index);
  return { outcome, at: at === NONE ? 'root complex' : nameOf(at), copies: copies?.map(nameOf) };
}

const off: Options = { ep: { command: 0 }, downA: { command: 0 }, up: { command: 0 }, '1c': { command: 0 } };

describe('to the root complex', () => {
  it('goes up whatever Command says', () => {
    expect(sent(PM_PME, TO_ROOT, 'ep', off)).toMatchObject({ outcome: 'delivered', at: 'root complex' });
  });

  it.each([
    [UNDEFINED, 'unsupported-request', '1c'],
    [0x32, 'unsupported-request', '1c'],
    [VENDOR_0, 'unsupported-request', '1c'],
    [VENDOR_1, 'dropped', '1c'],
  ])('code %i: %s at %s', (code, outcome, at) => {
    expect(sent(code, TO_ROOT, 'ep')).toMatchObject({ outcome, at });
  });

  it('not through a link that is down, nor past ACS Source Validation with a false Requester ID', () => {
    expect(sent(PM_PME, TO_ROOT, 'ep', { downA: { bridgeControl: 0x40 } }).outcome).toBe('not-sent');
    const validating: Options = { downA: { acs: { control: 1 } } };
    expect(sent(PM_PME, TO_ROOT, 'ep', validating, { requesterId: 0x0600 })).toMatchObject({
      outcome: 'acs-violation',
      at: 'downA',
    });
    expect(sent(PM_PME, TO_ROOT, 'ep', validating).outcome).toBe('delivered');
  });

  it('gathered too', () => {
    expect(sent(PME_TO_ACK, GATHERED, 'ep', off)).toMatchObject({ outcome: 'delivered', at: 'root complex' });
  });
});

describe('by ID', () => {
  const invalidate = 0x01;
  it('goes to the function, up and down, whatever Command says', () => {
    expect(sent(invalidate, BY_ID, 'host', off, { destinationId: 0x0300 })).toMatchObject({
      outcome: 'delivered',
      at: 'ep',
    });
    expect(sent(0x02, BY_ID, 'ep', off, { destinationId: 0x0400 })).toMatchObject({
      outcome: 'delivered',
      at: 'bridge',
    });
    expect(sent(0x02, BY_ID, 'ep', off, { destinationId: 0x0000 })).toMatchObject({ at: 'root complex' });
    expect(sent(invalidate, BY_ID, 'host', {}, { destinationId: 0x0305 })).toMatchObject({
      outcome: 'dropped',
      at: 'downA',
    });
  });

  it('of a vendor: type 0 is unsupported, type 1 dropped', () => {
    expect(sent(VENDOR_0, BY_ID, 'host', {}, { destinationId: 0x0300 })).toMatchObject({
      outcome: 'unsupported-request',
      at: 'ep',
    });
    expect(sent(VENDOR_1, BY_ID, 'host', {}, { destinationId: 0x0300 })).toMatchObject({
      outcome: 'dropped',
      at: 'ep',
    });
  });
});

it('by address: it goes as a memory request does, without Bus Master Enable, and nobody has such a message', () => {
  expect(sent(UNDEFINED, BY_ADDRESS, 'host', {}, { addressLo: 0xf0000000 })).toMatchObject({
    outcome: 'unsupported-request',
    at: 'ep',
  });
  const noBusMaster: Options = { downA: { command: 0x3 }, up: { command: 0x3 }, '1c': { command: 0x3 } };
  expect(sent(UNDEFINED, BY_ADDRESS, 'ep', noBusMaster, { addressLo: 0x1000000 })).toMatchObject({
    outcome: 'unsupported-request',
    at: 'root complex',
  });
});

describe('broadcast from the root complex', () => {
  it('reaches each function on a link, and the upstream port of a switch', () => {
    expect(sent(PME_TURN_OFF, BROADCAST, 'host', off)).toEqual({
      outcome: 'delivered',
      at: 'root complex',
      copies: ['up', 'ep', 'bridge', 'ep2'],
    });
  });

  it('not what lies behind a link that is down', () => {
    expect(sent(PME_TURN_OFF, BROADCAST, 'host', { downA: { bridgeControl: 0x40 } }).copies).toEqual([
      'up',
      'bridge',
      'ep2',
    ]);
  });

  it('from below it is malformed', () => {
    expect(sent(PME_TURN_OFF, BROADCAST, 'ep')).toMatchObject({ outcome: 'malformed', at: 'downA' });
  });
});

describe('local', () => {
  it('ends at the other end of the link', () => {
    expect(sent(ASSERT_INTA, LOCAL, 'ep', off)).toMatchObject({ outcome: 'delivered', at: 'downA' });
    expect(sent(SLOT_POWER, LOCAL, '1d')).toMatchObject({ outcome: 'delivered', at: 'ep2' });
    expect(sent(SLOT_POWER, LOCAL, '1e')).toMatchObject({ outcome: 'dropped', at: '1e' });
    // A port's own interrupt goes into the switch, and a root port's into the root complex.
    expect(sent(ASSERT_INTA, LOCAL, 'downA')).toMatchObject({ outcome: 'delivered', at: 'up' });
    expect(sent(ASSERT_INTA, LOCAL, '1c')).toMatchObject({ outcome: 'delivered', at: 'root complex' });
  });

  it('LTR ends where the port has it and it is on', () => {
    const ltr = (deviceCapabilities2: number, deviceControl2: number): Options => ({
      downA: { deviceCapabilities2, deviceControl2 },
    });
    expect(sent(LTR, LOCAL, 'ep', ltr(0x800, 0x400))).toMatchObject({ outcome: 'delivered', at: 'downA' });
    expect(sent(LTR, LOCAL, 'ep', ltr(0x800, 0))).toMatchObject({ outcome: 'unsupported-request', at: 'downA' });
    expect(sent(LTR, LOCAL, 'ep', ltr(0, 0x400))).toMatchObject({ outcome: 'unsupported-request', at: 'downA' });
    expect(sent(LTR, LOCAL, '1d')).toMatchObject({ outcome: 'unsupported-request', at: 'ep2' });
  });

  it('OBFF ends at a function that has it', () => {
    expect(sent(OBFF, LOCAL, '1d', { ep2: { deviceCapabilities2: 0x40000 } })).toMatchObject({
      outcome: 'delivered',
      at: 'ep2',
    });
    expect(sent(OBFF, LOCAL, '1d')).toMatchObject({ outcome: 'unsupported-request', at: 'ep2' });
  });

  it('PTM needs its capability', () => {
    expect(sent(PTM_REQUEST, LOCAL, 'ep')).toMatchObject({ outcome: 'unsupported-request', at: 'downA' });
  });

  it.each([
    [UNDEFINED, 'unsupported-request'],
    [VENDOR_0, 'unsupported-request'],
    [VENDOR_1, 'dropped'],
    [0x41, 'dropped'],
    [SLOT_POWER, 'unsupported-request'],
  ])('code %i from below: %s', (code, outcome) => {
    expect(sent(code, LOCAL, 'ep')).toMatchObject({ outcome, at: 'downA' });
  });
});
