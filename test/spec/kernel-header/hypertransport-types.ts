/** Which command register a HyperTransport capability type has. */
import { decodeFunction } from '../../../src/formats/decode.ts';

const STATUS = 0x06;
const CAPABILITIES_LIST = 0x10;
const CAPABILITIES_POINTER = 0x34;
const HYPERTRANSPORT = 0x08;
const AT = 0x40;

/**
 * The name of the register at 2 of a capability with this type; undefined where there is none, or more than one.
 * @param type the byte at 3, as the kernel's `HT_CAPTYPE_*`
 */
export function commandOf(type: number): string | undefined {
  const bytes = new Uint8Array(256);
  bytes[STATUS] = CAPABILITIES_LIST;
  bytes[CAPABILITIES_POINTER] = AT;
  bytes.set([HYPERTRANSPORT, 0x00, 0x00, type], AT);
  const commands = decodeFunction(bytes).capabilities[0]!.registers.filter(({ offset }) => offset === AT + 2);
  return commands.length === 1 ? commands[0]!.name : undefined;
}
