/** Codes and routings as other programs have them, and the table's own consistency. */
import { describe, expect, it } from 'vitest';
import { type MessageRow, messageCodes, messageRouting } from '../../spec-tables/message-codes.ts';

const rows: [string, MessageRow][] = Object.entries(messageCodes);

describe('message codes', () => {
  it('are bytes, each once', () => {
    const codes = rows.map(([, { code }]) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const code of codes) expect(code & ~0xff).toBe(0);
  });

  // Linux 7.2, drivers/pci/pci.h and include/linux/pci.h, and headers from AER logs: code, r[2:0].
  it.each([
    ['PME_Turn_Off', 0x19, 0b011],
    ['Assert_INTA', 0x20, 0b100],
    ['Deassert_INTD', 0x27, 0b100],
    ['ERR_COR', 0x30, 0b000],
    ['LTR', 0x10, 0b100],
    ['PTM Request', 0x52, 0b100],
    ['PME_TO_Ack', 0x1b, 0b101],
  ])('%s is %i, routed %i', (name, code, routing) => {
    const row = rows.find(([candidate]) => candidate === name)![1];
    expect([row.code, row.routing.map((way) => messageRouting[way])]).toEqual([code, [routing]]);
  });

  it('of power management, INTx, errors and the slot’s power limit use TC0', () => {
    for (const [name, { tc0 }] of rows)
      if (/^(PM|Assert|Deassert|ERR_|Unlock|Set_Slot|LTR|OBFF|PTM)/.test(name)) expect(tc0, name).toBe(true);
  });
});
