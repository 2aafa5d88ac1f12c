/** Names to markets and back: coins, asset ids, DEX names, tokens. Built once from the venue's spec. */
import { assert } from '../core/assert.ts'
import type { CollateralToken, DexSpec, Instrument, VenueSpec } from '../exchange/instrument.ts'

export interface Directory {
  readonly spec: VenueSpec
  readonly byCoin: ReadonlyMap<string, Instrument>
  readonly byAssetId: ReadonlyMap<number, Instrument>
  readonly dexByName: ReadonlyMap<string, DexSpec>
  /** In `meta` order, by position of the DEX. */
  readonly universes: readonly (readonly Instrument[])[]
  /** Each collateral once, ascending index. */
  readonly tokens: readonly CollateralToken[]
}

export function createDirectory(spec: VenueSpec): Directory {
  const universes = spec.dexs.map((dex) => spec.instruments.filter(({ dexIndex }) => dexIndex === dex.index))
  spec.dexs.forEach((dex, position) => assert(dex.index === position, 'DEXs stand at their index'))
  const tokens = new Map(spec.dexs.map((dex) => [dex.collateral.index, dex.collateral]))
  return {
    spec,
    byCoin: new Map(spec.instruments.map((instrument) => [instrument.coin, instrument])),
    byAssetId: new Map(spec.instruments.map((instrument) => [instrument.assetId, instrument])),
    dexByName: new Map(spec.dexs.map((dex) => [dex.name, dex])),
    universes,
    tokens: [...tokens.values()].sort((a, b) => a.index - b.index),
  }
}

/** The instrument of an id that the exchange itself named. */
export function instrumentOf(directory: Directory, assetId: number): Instrument {
  const instrument = directory.byAssetId.get(assetId)
  assert(instrument !== undefined, 'the exchange names only assets of its spec')
  return instrument
}

export function dexAt(directory: Directory, dexIndex: number): DexSpec {
  const dex = directory.spec.dexs[dexIndex]
  assert(dex !== undefined, 'the exchange names only DEXs of its spec')
  return dex
}

/** A token that the exchange itself named. */
export function tokenAt(directory: Directory, tokenIndex: number): CollateralToken {
  const token = directory.tokens.find(({ index }) => index === tokenIndex)
  assert(token !== undefined, 'the exchange names only tokens of its spec')
  return token
}

export function universeAt(directory: Directory, dexIndex: number): readonly Instrument[] {
  return directory.universes[dexIndex] ?? []
}
