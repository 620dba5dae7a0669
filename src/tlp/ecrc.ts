/** The end-to-end CRC that TD announces. PCIe 5.0 §2.7.1. */

const POLYNOMIAL = 0xedb88320;

const table = /* @__PURE__ */ (() => {
  const result = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let rest = byte;
    for (let bit = 0; bit < 8; bit++) rest = (rest & 1) === 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
    result[byte] = rest;
  }
  return result;
})();

/**
 * The digest of a TLP: a CRC-32 (polynomial 04C11DB7h, seed FFFFFFFFh, bit 0 of each byte first, complemented) over its
 * end-to-end prefixes, its header and its payload. The bits that a switch may change count as 1: bit 0 of the header's Type (a
 * configuration request's type) and EP. Local prefixes are not covered.
 * @param covered the bytes from the first end-to-end prefix on, or from the header where there is none, up to the digest
 * @param headerAt where in them the header begins
 * @returns the digest with its first byte on the wire in 31:24
 */
export function ecrcOf(covered: Uint8Array, headerAt = 0): number {
  let crc = 0xffffffff;
  for (let i = 0; i < covered.length; i++) {
    const variant = i === headerAt ? 0x01 : i === headerAt + 2 ? 0x40 : 0;
    crc = (crc >>> 8) ^ table[(crc ^ (covered[i]! | variant)) & 0xff]!;
  }
  // The spec puts the result's bits 31:24, each byte mirrored, into byte 0 of the digest: bits 7:0 of a register that runs
  // mirrored as a whole, as here.
  const sent = ~crc;
  return (((sent & 0xff) << 24) | ((sent & 0xff00) << 8) | ((sent >>> 8) & 0xff00) | ((sent >>> 24) & 0xff)) >>> 0;
}
