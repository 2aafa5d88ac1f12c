/**
 * Sizes that were not given, from the money at hand: before a run begins they become numbers of the configuration, so that its
 * journal tells them, and a replay needs neither the account nor the price of that day.
 */
import { toLots, toSize } from '../config/amounts.ts'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import type { MarketSpec } from '../core/market.ts'
import { DERIVED_POSITION_SHARE, derivedPositionLots } from '../core/risk/limits.ts'
import type { Capital } from '../core/risk/limits.ts'
import { usdText } from '../ops/format.ts'

/** Size to show on a side when none was given, share of the largest position: filled whole, it leaves room for the exit. */
const DERIVED_SIDE_SHARE = 0.5

export function needsCapital({ risk }: Config): boolean {
  return risk.maxPosition === 0
}

/**
 * @param capital null where nobody knows it: then the largest position has to be given
 * @throws ConfigError BAD_VALUE without a size and without the capital to derive it from, or with too little of it
 */
export function withSizes(config: Config, market: MarketSpec, capital: Capital | null): Config {
  const { risk, quoting } = config
  if (!needsCapital(config) && quoting.targetLiquidity > 0) return config
  const maxPosition = needsCapital(config) ? derivedPosition(market, capital) : risk.maxPosition
  const sideLots = Math.floor(toLots(maxPosition, market.grid) * DERIVED_SIDE_SHARE)
  const targetLiquidity = quoting.targetLiquidity || toSize(Math.max(1, sideLots), market.grid)
  return { ...config, risk: { ...risk, maxPosition }, quoting: { ...quoting, targetLiquidity } }
}

function derivedPosition(market: MarketSpec, capital: Capital | null): number {
  const give = `give --max-position in ${market.coin}`
  if (capital === null) {
    const because = 'risk.max_position = 0 is derived from the capital at the start, which is not known here'
    throw new ConfigError('BAD_VALUE', `${because}: ${give}`)
  }
  const lots = derivedPositionLots(capital)
  if (lots * capital.priceTicks >= market.minNotionalMicroUsd) return toSize(lots, market.grid)
  const share = `${100 * DERIVED_POSITION_SHARE} % of the ${usdText(capital.equityMicroUsd)} USD of equity`
  throw new ConfigError(
    'BAD_VALUE',
    `risk.max_position = 0 is derived from the capital, and ${share} do not reach an order of ${usdText(market.minNotionalMicroUsd)} USD: deposit more, or ${give}`,
  )
}
