/** The scan, and the list that `device_shutdown` takes from the tail. drivers/pci/probe.c (6.12), lib/kobject.c. */
import { formatBdf } from '../config/bdf.ts';
import { PRIMARY_BUS_NUMBER, SECONDARY_BUS_NUMBER, SUBORDINATE_BUS_NUMBER } from '../spec/constants.ts';
import type { PciHost } from './host.ts';
import { PciDev } from './pci-dev.ts';

/**
 * Every function in the order in which the scan adds it: breadth within a bus, then depth across its bridges, those with sane
 * numbers first (pass 0), the others last (pass 1). A bridge always stands before what lies behind it.
 * @param write where a configuration write goes, so that the caller can log it
 */
export function scanFunctions(
  host: PciHost,
  write: (dev: PciDev, offset: number, size: 1 | 2 | 4, value: number) => void,
): PciDev[] {
  const withSegment = host.functions.some(({ segment }) => segment !== 0);
  const buses = new Map<number, PciDev[]>();
  const busKey = (segment: number, bus: number) => segment * 256 + bus;
  for (const address of [...host.functions].sort((a, b) => a.segment - b.segment || a.routingId - b.routingId)) {
    const { segment, routingId } = address;
    const dev: PciDev = new PciDev(address, formatBdf(segment, routingId, withSegment), {
      read: (offset, size) => host.configRead(segment, routingId, offset, size),
      write: (offset, size, value) => write(dev, offset, size, value),
    });
    const key = busKey(segment, routingId >> 8);
    const bus = buses.get(key);
    if (bus === undefined) buses.set(key, [dev]);
    else bus.push(dev);
  }

  const list: PciDev[] = [];
  const scanned = new Set<number>();
  const scanBus = (key: number, bridge: PciDev | undefined): void => {
    const devices = buses.get(key);
    if (devices === undefined || scanned.has(key)) return;
    scanned.add(key);
    for (const dev of devices) {
      dev.bridge = bridge;
      bridge?.subordinate.push(dev);
      list.push(dev);
    }
    const bridges = devices.filter((dev) => dev.isBridge);
    for (const sane of [true, false])
      for (const dev of bridges)
        if (hasSaneNumbers(dev) === sane) scanBus(busKey(dev.segment, dev.read(SECONDARY_BUS_NUMBER, 1)), dev);
  };
  // A bus is a root bus where no bridge leads to it. Buses come in ascending order, so a bridge's own bus was scanned first.
  const behind = new Set<number>();
  for (const [key, devices] of buses)
    for (const dev of devices)
      if (dev.isBridge) {
        const secondary = dev.read(SECONDARY_BUS_NUMBER, 1);
        if (secondary > dev.routingId >> 8) behind.add(key - (dev.routingId >> 8) + secondary);
      }
  for (const key of buses.keys()) if (!behind.has(key)) scanBus(key, undefined);
  // What only broken bridges lead to is there all the same.
  for (const key of buses.keys()) scanBus(key, undefined);
  return list;
}

/** The test of pci_scan_bridge_extend()'s pass 0. */
function hasSaneNumbers(dev: PciDev): boolean {
  const own = dev.routingId >> 8;
  const secondary = dev.read(SECONDARY_BUS_NUMBER, 1);
  return dev.read(PRIMARY_BUS_NUMBER, 1) === own && secondary > own && secondary <= dev.read(SUBORDINATE_BUS_NUMBER, 1);
}

/**
 * 4.3 to 4.17: each probe moves the probed device alone to the tail of devices_kset. pcieport is built in and probes its ports
 * first, in list order; modules follow and probe the functions that they match, taken here in list order.
 */
export function moveProbed(list: readonly PciDev[], portDriver: string): PciDev[] {
  const ports = list.filter((dev) => dev.driver === portDriver);
  const others = list.filter((dev) => dev.driver !== null && dev.driver !== portDriver);
  return [...list.filter((dev) => dev.driver === null), ...ports, ...others];
}

/**
 * 4.3 to 4.17 where bridges are probed after what lies behind them (by pcieport as a late driver, or by shpchp, in vain): each
 * has been moved alone to the tail, and is shut down before its children. lkml 1806.3/00487.
 */
export function moveBridges(list: readonly PciDev[]): PciDev[] {
  return [...list.filter((dev) => !dev.isBridge), ...list.filter((dev) => dev.isBridge)];
}
