/**
 * Names to markets and back: coins, asset ids, DEX names, tokens. Made from the venue's spec; what a deployer registers is
 * added when its command was applied, so that the next request finds it. A handler must not keep what it read here.
 */
import { assert } from '../core/assert.ts'
import type { CollateralToken, DexSpec, Instrument, VenueSpec } from '../exchange/instrument.ts'
import type { Exchange } from '../exchange/state.ts'

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

/** Adds the DEXs and markets that the exchange has and the directory does not. */
export function updateDirectory(directory: Directory, exchange: Exchange): void {
  if (exchange.markets.length === directory.spec.instruments.length) return
  const { dexs, instruments } = directory.spec
  Object.assign(
    directory,
    createDirectory({
      // What was known keeps the terms it was born with: who wants the present ones asks the exchange.
      dexs: [...dexs, ...exchange.dexs.slice(dexs.length).map(({ spec }) => spec)],
      instruments: [
        ...instruments,
        ...exchange.markets.slice(instruments.length).map(({ instrument }) => instrument),
      ],
    }),
  )
}

/** The instrument of an id that the exchange itself named. */
export function instrumentOf(directory: Directory, assetId: number): Instrument {
  const instrument = directory.byAssetId.get(assetId)
  assert(instrument !== undefined, 'the exchange names only assets that it has')
  return instrument
}

export function dexAt(directory: Directory, dexIndex: number): DexSpec {
  const dex = directory.spec.dexs[dexIndex]
  assert(dex !== undefined, 'the exchange names only DEXs that it has')
  return dex
}

/** A token that the exchange itself named. */
export function tokenAt(directory: Directory, tokenIndex: number): CollateralToken {
  const token = directory.tokens.find(({ index }) => index === tokenIndex)
  assert(token !== undefined, 'the exchange names only tokens of its DEXs')
  return token
}

export function universeAt(directory: Directory, dexIndex: number): readonly Instrument[] {
  return directory.universes[dexIndex] ?? []
}
