/** Messages: their codes, the routings each may have (the low three bits of Type), and what they carry. PCIe 5.0 §2.2.8, table F-1. */
export const messageRouting = {
  'to Root Complex': 0b000,
  'by address': 0b001,
  'by ID': 0b010,
  'broadcast from Root Complex': 0b011,
  local: 0b100,
  'gathered to Root Complex': 0b101,
} as const;

export type MessageRoutingName = keyof typeof messageRouting;

export interface MessageRow {
  readonly code: number;
  readonly routing: readonly MessageRoutingName[];
  /** DWORDs of payload of a MsgD: 0 for a message that has none, undefined where any number may follow, or none. */
  readonly dataDw?: number;
  /** Where both Msg and MsgD exist under one code, each with its meaning. */
  readonly withAndWithoutData?: boolean;
  /** Its section says that TC must be 0. */
  readonly tc0?: true;
  /** The one way that it goes on a link, towards the root complex or away from it; either way where not given. */
  readonly direction?: 'up' | 'down';
  /** It stands for one of the wires INTA to INTD. */
  readonly intx?: true;
  /** What a receiver must have, or must have enabled, to take it. */
  readonly needs?: 'LTR' | 'OBFF' | 'PTM';
  /** A receiver drops it without an error. */
  readonly ignored?: true;
  /** The section that defines it. */
  readonly spec: string;
}

export const messageCodes = {
  Unlock: { code: 0x00, routing: ['broadcast from Root Complex'], dataDw: 0, tc0: true, spec: '§2.2.8.4' },
  'Invalidate Request': { code: 0x01, routing: ['by ID'], dataDw: 2, spec: '§10.3.1' },
  'Invalidate Completion': { code: 0x02, routing: ['by ID'], dataDw: 0, spec: '§10.3.2' },
  'Page Request': { code: 0x04, routing: ['to Root Complex'], dataDw: 0, spec: '§10.4.1' },
  'PRG Response': { code: 0x05, routing: ['by ID'], dataDw: 0, spec: '§10.4.2' },
  LTR: { code: 0x10, routing: ['local'], dataDw: 0, tc0: true, direction: 'up', needs: 'LTR', spec: '§2.2.8.8' },
  OBFF: { code: 0x12, routing: ['local'], dataDw: 0, tc0: true, direction: 'down', needs: 'OBFF', spec: '§2.2.8.9' },
  PM_Active_State_Nak: { code: 0x14, routing: ['local'], dataDw: 0, tc0: true, direction: 'down', spec: '§2.2.8.2' },
  PM_PME: { code: 0x18, routing: ['to Root Complex'], dataDw: 0, tc0: true, direction: 'up', spec: '§2.2.8.2' },
  PME_Turn_Off: {
    code: 0x19,
    routing: ['broadcast from Root Complex'],
    dataDw: 0,
    tc0: true,
    direction: 'down',
    spec: '§2.2.8.2',
  },
  PME_TO_Ack: {
    code: 0x1b,
    routing: ['gathered to Root Complex'],
    dataDw: 0,
    tc0: true,
    direction: 'up',
    spec: '§2.2.8.2',
  },
  Assert_INTA: { code: 0x20, routing: ['local'], dataDw: 0, tc0: true, direction: 'up', intx: true, spec: '§2.2.8.1' },
  Assert_INTB: { code: 0x21, routing: ['local'], dataDw: 0, tc0: true, direction: 'up', intx: true, spec: '§2.2.8.1' },
  Assert_INTC: { code: 0x22, routing: ['local'], dataDw: 0, tc0: true, direction: 'up', intx: true, spec: '§2.2.8.1' },
  Assert_INTD: { code: 0x23, routing: ['local'], dataDw: 0, tc0: true, direction: 'up', intx: true, spec: '§2.2.8.1' },
  Deassert_INTA: {
    code: 0x24,
    routing: ['local'],
    dataDw: 0,
    tc0: true,
    direction: 'up',
    intx: true,
    spec: '§2.2.8.1',
  },
  Deassert_INTB: {
    code: 0x25,
    routing: ['local'],
    dataDw: 0,
    tc0: true,
    direction: 'up',
    intx: true,
    spec: '§2.2.8.1',
  },
  Deassert_INTC: {
    code: 0x26,
    routing: ['local'],
    dataDw: 0,
    tc0: true,
    direction: 'up',
    intx: true,
    spec: '§2.2.8.1',
  },
  Deassert_INTD: {
    code: 0x27,
    routing: ['local'],
    dataDw: 0,
    tc0: true,
    direction: 'up',
    intx: true,
    spec: '§2.2.8.1',
  },
  ERR_COR: { code: 0x30, routing: ['to Root Complex'], dataDw: 0, tc0: true, direction: 'up', spec: '§2.2.8.3' },
  ERR_NONFATAL: { code: 0x31, routing: ['to Root Complex'], dataDw: 0, tc0: true, direction: 'up', spec: '§2.2.8.3' },
  ERR_FATAL: { code: 0x33, routing: ['to Root Complex'], dataDw: 0, tc0: true, direction: 'up', spec: '§2.2.8.3' },
  // Hot-plug signalling of PCIe 1.0.
  Attention_Indicator_Off: { code: 0x40, routing: ['local'], dataDw: 0, ignored: true, spec: '§2.2.8.7' },
  Attention_Indicator_On: { code: 0x41, routing: ['local'], dataDw: 0, ignored: true, spec: '§2.2.8.7' },
  Attention_Indicator_Blink: { code: 0x43, routing: ['local'], dataDw: 0, ignored: true, spec: '§2.2.8.7' },
  Power_Indicator_Off: { code: 0x44, routing: ['local'], dataDw: 0, ignored: true, spec: '§2.2.8.7' },
  Power_Indicator_On: { code: 0x45, routing: ['local'], dataDw: 0, ignored: true, spec: '§2.2.8.7' },
  Power_Indicator_Blink: { code: 0x47, routing: ['local'], dataDw: 0, ignored: true, spec: '§2.2.8.7' },
  Attention_Button_Pressed: { code: 0x48, routing: ['local'], dataDw: 0, ignored: true, spec: '§2.2.8.7' },
  Set_Slot_Power_Limit: { code: 0x50, routing: ['local'], dataDw: 1, tc0: true, direction: 'down', spec: '§2.2.8.5' },
  'PTM Request': {
    code: 0x52,
    routing: ['local'],
    dataDw: 0,
    tc0: true,
    direction: 'up',
    needs: 'PTM',
    spec: '§2.2.8.10',
  },
  /** As Msg the PTM Response, as MsgD the PTM ResponseD. */
  'PTM Response': {
    code: 0x53,
    routing: ['local'],
    dataDw: 1,
    withAndWithoutData: true,
    tc0: true,
    direction: 'down',
    needs: 'PTM',
    spec: '§2.2.8.10',
  },
  /** IDE came after PCIe 5.0, by an ECN. */
  'IDE Sync': { code: 0x54, routing: ['by ID', 'local'], dataDw: 0, spec: '6.0 §2.2.8.11' },
  'IDE Fail': { code: 0x55, routing: ['by ID', 'local'], dataDw: 0, spec: '6.0 §2.2.8.11' },
  'Vendor_Defined Type 0': {
    code: 0x7e,
    routing: ['to Root Complex', 'by ID', 'broadcast from Root Complex', 'local'],
    spec: '§2.2.8.6',
  },
  /** With the PCI-SIG's Vendor ID (0001h), byte 12 is a subtype: LN, Hierarchy ID, DRS (08h), FRS (09h). */
  'Vendor_Defined Type 1': {
    code: 0x7f,
    routing: ['to Root Complex', 'by ID', 'broadcast from Root Complex', 'local'],
    spec: '§2.2.8.6',
  },
} as const satisfies Record<string, MessageRow>;

export type MessageName = keyof typeof messageCodes;
export type ErrorMessageName = 'ERR_COR' | 'ERR_NONFATAL' | 'ERR_FATAL';
