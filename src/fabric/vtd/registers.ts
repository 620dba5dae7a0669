/** Registers of a VT-d remapping unit, by offset from its base, and the fields that have a meaning here. VT-d 5.1 §11.4. */

export const VER = 0x00;
export const CAP = 0x08;
export const ECAP = 0x10;
export const GCMD = 0x18;
export const GSTS = 0x1c;
export const RTADDR = 0x20;
export const CCMD = 0x28;
export const FSTS = 0x34;
export const FECTL = 0x38;
export const FEDATA = 0x3c;
export const FEADDR = 0x40;
export const FEUADDR = 0x44;

/** Where the unit puts what CAP and ECAP locate. */
export const IVA = 0x0f0;
export const IOTLB = 0x0f8;
export const FRCD = 0x200;
export const FRCD_SIZE = 16;
/** A page: the smallest space that a unit can have. */
export const REGISTERS_SIZE = 0x1000;

/** Translation Enable, and its status. */
export const GCMD_TE = 0x80000000;
export const GSTS_TES = 0x80000000;
/** Set Root Table Pointer, and its status. */
export const GCMD_SRTP = 0x40000000;
export const GSTS_RTPS = 0x40000000;

/** Translation Table Mode: 00b legacy. */
export const RTADDR_TTM = 0xc00n;

/** Context and IOTLB invalidation: the request bit, the granularity asked for, and that which was done. */
export const CCMD_ICC = 1n << 63n;
export const CCMD_CIRG = 61n;
export const CCMD_CAIG = 59n;
export const IOTLB_IVT = 1n << 63n;
export const IOTLB_IIRG = 60n;
export const IOTLB_IAIG = 57n;
export const GRANULARITY = 3n;

/** Primary Fault Overflow, Primary Pending Fault, Fault Record Index. */
export const FSTS_PFO = 0x1;
export const FSTS_PPF = 0x2;
export const FSTS_FRI = 8;

/** Interrupt Mask, Interrupt Pending. */
export const FECTL_IM = 0x80000000;
export const FECTL_IP = 0x40000000;

/** Of a fault record, by bit of its upper half: Fault, Type (1 for a read or AtomicOp), Address Type, Fault Reason; Source Identifier in 15:0. */
export const FRCD_F = 1n << 63n;
export const FRCD_T1 = 1n << 62n;
export const FRCD_AT = 60n;
export const FRCD_FR = 32n;
/** With T1: an AtomicOp. Bit 92 of the record. */
export const FRCD_T2 = 1n << 28n;
