/** What a refusal leaves in the refusing port: every combination of enables and masks against the flow chart, written down again. */
import { describe, expect, it } from 'vitest';
import { Fabric } from '../../src/fabric/fabric.ts';
import { memoryRead, memoryWrite, type TlpHeader } from '../../src/tlp/header.ts';
import { AER, device, EXPRESS, port } from '../generators/functions.ts';

const RAM = 0x01234000;
const UR = 0x00100000;
const ADVISORY = 0x2000;

interface Setup {
  readonly posted: boolean;
  readonly aer: boolean;
  readonly fatal: boolean;
  readonly masked: boolean;
  readonly advisoryMasked: boolean;
  readonly roleBased: boolean;
  readonly serr: boolean;
  /** Device Control: correctable, non-fatal, fatal, UR reporting in bits 0 to 3. */
  readonly enables: number;
}

interface Left {
  readonly deviceStatus: number;
  readonly status: number;
  readonly uncorrectable: number;
  readonly correctable: number;
  readonly firstErrorPointer: number;
  readonly logged: boolean;
  readonly message: string | undefined;
}

/** PCIe 5.0 figure 6-2, for an Unsupported Request found by a function whose log is empty. */
function flowChart(setup: Setup): Left {
  const { posted, aer, enables, serr } = setup;
  const can = (bit: number) => (enables & (1 << bit)) !== 0;
  const fatal = aer && setup.fatal;
  const left = { status: 0, uncorrectable: 0, correctable: 0, firstErrorPointer: 0, logged: false };
  if (!posted && setup.roleBased && !fatal) {
    const deviceStatus = 0b1001;
    if (!aer) return { ...left, deviceStatus, message: undefined };
    if (setup.advisoryMasked) return { ...left, deviceStatus, correctable: ADVISORY, message: undefined };
    return {
      ...left,
      deviceStatus,
      correctable: ADVISORY,
      uncorrectable: UR,
      firstErrorPointer: setup.masked ? 0 : 20,
      logged: !setup.masked,
      message: can(0) && can(3) ? 'ERR_COR' : undefined,
    };
  }
  const masked = aer && setup.masked;
  const sent = !masked && (serr || (can(3) && can(fatal ? 2 : 1)));
  return {
    deviceStatus: 0b1000 | (fatal ? 0b0100 : 0b0010),
    status: sent && serr ? 0x4000 : 0,
    uncorrectable: aer ? UR : 0,
    correctable: 0,
    firstErrorPointer: aer && !masked ? 20 : 0,
    logged: aer && !masked,
    message: sent ? (fatal ? 'ERR_FATAL' : 'ERR_NONFATAL') : undefined,
  };
}

function refused(setup: Setup): Left {
  const fabric = new Fabric([
    port('00:01.0', 'Root Port', 1, 1, {
      command: 0x0003 | (setup.serr ? 0x0100 : 0),
      aer: setup.aer,
      roleBased: setup.roleBased,
      deviceControl: setup.enables,
      uncorrectableSeverity: setup.fatal ? UR : 0,
      uncorrectableMask: setup.masked ? UR : 0,
      correctableMask: setup.advisoryMasked ? ADVISORY : 0,
    }),
    device('01:00.0'),
  ]);
  const { arena } = fabric;
  const header = setup.posted ? memoryWrite(0x0100, 0, RAM) : memoryRead(0x0100, 0, RAM);
  const { report } = fabric.send(header, 1);
  const log = setup.aer ? [0, 4, 8, 12].map((offset) => arena.u32(0, AER + 0x1c + offset)) : [0, 0, 0, 0];
  expect(log).toEqual(
    report!.headerLogged ? [setup.posted ? 0x40000001 : 0x00000001, 0x0100000f, RAM, 0] : [0, 0, 0, 0],
  );
  expect(report!.why).not.toBe('');
  return {
    deviceStatus: arena.u16(0, EXPRESS + 0x0a),
    status: arena.u16(0, 6) & 0xf900,
    uncorrectable: setup.aer ? arena.u32(0, AER + 0x04) : 0,
    correctable: setup.aer ? arena.u32(0, AER + 0x10) : 0,
    firstErrorPointer: setup.aer ? arena.u32(0, AER + 0x18) & 0x1f : 0,
    logged: report!.headerLogged,
    message: report!.message,
  };
}

const bools = [false, true];
const setups: Setup[] = bools.flatMap((posted) =>
  bools.flatMap((aer) =>
    bools.flatMap((fatal) =>
      bools.flatMap((masked) =>
        bools.flatMap((advisoryMasked) =>
          bools.flatMap((roleBased) =>
            bools.flatMap((serr) =>
              Array.from({ length: 16 }, (_, enables) => ({
                posted,
                aer,
                fatal,
                masked,
                advisoryMasked,
                roleBased,
                serr,
                enables,
              })),
            ),
          ),
        ),
      ),
    ),
  ),
);

describe('a refused request', () => {
  it.each(bools.flatMap((posted) => bools.map((aer) => ({ posted, aer }))))(
    'posted $posted, AER $aer: as the flow chart has it',
    ({ posted, aer }) => {
      for (const setup of setups.filter((one) => one.posted === posted && one.aer === aer))
        expect(refused(setup), JSON.stringify(setup)).toEqual(flowChart(setup));
    },
  );
});

describe('the header log', () => {
  function machine() {
    const fabric = new Fabric([port('00:01.0', 'Root Port', 1, 1, { command: 0x0003 }), device('01:00.0')]);
    const { arena } = fabric;
    return {
      arena,
      write: (address: number) => fabric.send(memoryWrite(0x0100, 0, address), 1),
      send: (header: TlpHeader) => fabric.send(header, 1),
      address: () => arena.u32(0, AER + 0x24),
      pointer: () => arena.u32(0, AER + 0x18) & 0x1f,
    };
  }

  it('has TLP byte 0 in bits 31:24 of its first register: at 1Fh', () => {
    const { arena, send } = machine();
    send(memoryWrite(0x0100, 0x12, 0x89abcdec));
    const bytes = Array.from({ length: 16 }, (_, i) =>
      arena
        .u8(0, AER + 0x1c + i)
        .toString(16)
        .padStart(2, '0'),
    );
    expect(bytes.join(' ')).toBe('01 00 00 60 0f 00 00 01 12 00 00 00 ec cd ab 89');
  });

  it('keeps the first until its status bit is cleared', () => {
    const { arena, write, address, pointer } = machine();
    expect(write(0x1000000).report!.headerLogged).toBe(true);
    expect(write(0x2000000).report!.headerLogged).toBe(false);
    expect([address(), pointer()]).toEqual([0x1000000, 20]);
    arena.write(0, AER + 4, 4, UR);
    expect(arena.u32(0, AER + 4)).toBe(0);
    expect(write(0x3000000).report!.headerLogged).toBe(true);
    expect([address(), pointer()]).toEqual([0x3000000, 20]);
  });

  it('is not taken from another error that was first', () => {
    const { arena, write, address, pointer } = machine();
    arena.poke(0, AER + 0x18, 4, 12);
    arena.poke(0, AER + 0x24, 4, 0xabc);
    arena.setBits(0, AER + 4, 4, 1 << 12);
    expect(write(0x1000000).report!.headerLogged).toBe(false);
    expect([address(), pointer(), arena.u32(0, AER + 4)]).toEqual([0xabc, 12, UR | (1 << 12)]);
  });

  it('is taken where the pointer points at a bit that is clear', () => {
    const { arena, write, pointer } = machine();
    arena.poke(0, AER + 0x18, 4, 12);
    arena.setBits(0, AER + 4, 4, 1 << 18);
    expect(write(0x1000000).report!.headerLogged).toBe(true);
    expect(pointer()).toBe(20);
  });

  it('leaves what stands beside the pointer', () => {
    const { arena, write } = machine();
    arena.poke(0, AER + 0x18, 4, 0x000000ea);
    write(0x1000000);
    expect(arena.u32(0, AER + 0x18)).toBe(0x000000f4);
  });
});

describe('a message with each further error', () => {
  it('is not held back by status that is set already', () => {
    const fabric = new Fabric([port('00:01.0', 'Root Port', 1, 1, { command: 0x0103 }), device('01:00.0')]);
    const sent = [1, 2, 3].map(() => fabric.send(memoryWrite(0x0100, 0, RAM), 1).report!.message);
    expect(sent).toEqual(['ERR_NONFATAL', 'ERR_NONFATAL', 'ERR_NONFATAL']);
  });
});
