/** The record of what a deployer changed: made with its first change, and part of the state hash from then on. */
import type { Address } from './command.ts'
import type { DeployerDesk, Dex } from './state.ts'

export function deskOf(dex: Dex): DeployerDesk {
  dex.desk ??= {
    feeRecipient: dex.spec.deployer,
    feeScaleTsMs: 0,
    subDeployers: new Map(),
    marginTables: new Map(),
    growthTsMs: new Map(),
    oracleTsMs: 0,
    prices: new Map(),
  }
  return dex.desk
}

/** The deployer may do everything, a sub-deployer the kinds it was allowed; nobody runs the main DEX. */
export function mayChange(dex: Dex, address: Address, variant: string): boolean {
  if (dex.spec.index === 0) return false
  return dex.spec.deployer === address || (dex.desk?.subDeployers.get(variant)?.includes(address) ?? false)
}

/** Everything a deployer may have changed about the DEX, as plain data. */
export function deskRecord(dex: Dex, desk: DeployerDesk): unknown {
  const terms = dex.markets.map(({ instrument }) => [
    instrument.fundingMultiplier,
    instrument.interestPer8h,
    instrument.openInterestCapMicroUsd,
    instrument.growthMode,
  ])
  const maps = [desk.subDeployers, desk.marginTables, desk.growthTsMs, desk.prices].map((map) => [...map])
  return [desk.feeRecipient, desk.feeScaleTsMs, dex.spec.deployerFeeScale, desk.oracleTsMs, maps, terms]
}
