/** Message codes and the routing each must have (the low three bits of Type). PCIe 5.0 §2.2.8. */
export const messageRouting = {
  'to Root Complex': 0b000,
  'by address': 0b001,
  'by ID': 0b010,
  'broadcast from Root Complex': 0b011,
  local: 0b100,
  'gathered to Root Complex': 0b101,
} as const;

export const messageCodes = {
  ERR_COR: { code: 0x30, routing: 'to Root Complex' },
  ERR_NONFATAL: { code: 0x31, routing: 'to Root Complex' },
  ERR_FATAL: { code: 0x33, routing: 'to Root Complex' },
} as const satisfies Record<string, { code: number; routing: keyof typeof messageRouting }>;

export type ErrorMessageName = keyof typeof messageCodes;
