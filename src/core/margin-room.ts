/**
 * How much more of our market the account can margin: what the venue would refuse is better not shown.
 *
 * in      the venue's last account sample, the position, the leverage
 * out     lots that a side may add to the position, ≥ 0; Infinity while nothing is known
 *
 * The venue holds for resting orders what the larger side would need, so each side may use all of it. Positions on other markets of
 * the DEX are not known here: where they bind money, the venue refuses and the side waits.
 */
import type { EngineSettings } from './settings.ts'
import type { EngineState } from './state.ts'

/** Share of the free margin that is used: prices move between the sample and the order. */
const USED_SHARE = 0.95

export function marginRoomLots(
  state: EngineState,
  settings: Pick<EngineSettings, 'isolatedLeverage'>,
  priceTicks: number,
): number {
  const { accountLast, market, ledger } = state
  if (accountLast === null || market === null) return Infinity
  const leverage = market.marginMode === 'isolated' ? settings.isolatedLeverage : market.maxLeverage
  if (leverage <= 0) return Infinity
  const { accountValueMicroUsd, isolatedMarginMicroUsd } = accountLast
  const boundMicroUsd = isolatedMarginMicroUsd ?? (Math.abs(ledger.positionLots) * priceTicks) / leverage
  const freeMicroUsd = Math.max(0, accountValueMicroUsd - boundMicroUsd)
  return Math.floor((USED_SHARE * freeMicroUsd * leverage) / priceTicks)
}
