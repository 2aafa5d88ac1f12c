/** Buy and sell volume of unsigned data: V·Φ(ΔP/σ). Not to share thresholds with signed VPIN. docs/math/flow.md */
import { assert } from '../src/core/assert.ts'
import { normalCdf } from '../src/core/math/normal.ts'

/** Source: Easley, López de Prado & O'Hara (2012). */
export function classifyBulkVolume(of: {
  readonly priceChange: number
  /** Standard deviation of price changes between bars, > 0. */
  readonly sigmaPriceChange: number
  readonly volume: number
}): { readonly buyVolume: number; readonly sellVolume: number } {
  assert(of.sigmaPriceChange > 0 && of.volume >= 0, 'bulk volume: sigma is positive, volume not negative')
  const buyVolume = of.volume * normalCdf(of.priceChange / of.sigmaPriceChange)
  return { buyVolume, sellVolume: of.volume - buyVolume }
}
