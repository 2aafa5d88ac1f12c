/** The record of what a deployer changed: made with its first change, and part of the state hash from then on. */
import type { Address } from './command.ts'
import { IMPLICIT_MARGIN_TABLE_LIMIT, type MarginTier } from './instrument.ts'
import type { DeployerDesk, Dex } from './state.ts'

export function deskOf(dex: Dex): DeployerDesk {
  dex.desk ??= {
    feeRecipient: dex.spec.deployer,
    oracleUpdater: null,
    feeScaleTsMs: 0,
    subDeployers: new Map(),
    marginTables: new Map(),
    growthTsMs: new Map(),
    oracleTsMs: 0,
    prices: new Map(),
    annotations: new Map(),
  }
  return dex.desk
}

/** The deployer may do everything, a sub-deployer the kinds it was allowed, the oracle updater its one; nobody runs the main DEX. */
export function mayChange(dex: Dex, address: Address, variant: string): boolean {
  if (dex.spec.index === 0) return false
  if (dex.spec.deployer === address) return true
  if (variant === 'setOracle' && dex.desk?.oracleUpdater === address) return true
  return dex.desk?.subDeployers.get(variant)?.includes(address) ?? false
}

/** Below the limit an id is its leverage; else a table of the DEX, null: of none yet. @returns null when there is none */
export function tiersOf(dex: Dex | null, id: number): readonly MarginTier[] | null {
  if (id >= 1 && id < IMPLICIT_MARGIN_TABLE_LIMIT) return [{ lowerBoundMicroUsd: 0, maxLeverage: id }]
  const inserted = dex?.desk?.marginTables.get(id)?.tiers
  const used = dex?.markets.find(({ instrument }) => instrument.marginTableId === id)?.instrument.marginTiers
  return inserted ?? used ?? null
}

/** Everything a deployer may have changed about the DEX, as plain data. */
export function deskRecord(dex: Dex, desk: DeployerDesk): unknown {
  const terms = dex.markets.map(({ instrument }) => [
    instrument.fundingMultiplier,
    instrument.interestPer8h,
    instrument.openInterestCapMicroUsd,
    instrument.growthMode,
    instrument.marginPolicy,
    instrument.coin,
    instrument.grid.szDecimals,
  ])
  const maps = [desk.subDeployers, desk.marginTables, desk.growthTsMs, desk.prices, desk.annotations].map(
    (map) => [...map],
  )
  const { feeRecipient, feeScaleTsMs, oracleTsMs, oracleUpdater } = desk
  const { name, deployer, collateral, deployerFeeScale } = dex.spec
  const born = [name, deployer, collateral.index]
  return [born, feeRecipient, feeScaleTsMs, deployerFeeScale, oracleTsMs, oracleUpdater, maps, terms]
}
