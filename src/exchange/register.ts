/**
 * A new market of a builder DEX while the exchange runs, and the DEX itself with its first market.
 *
 * in      who asks, the DEX by name, the market's terms; `schema` with the first market of a new DEX, and only then
 * out     done, or a refusal and nothing changed. The market trades from the same block on
 * ids     100000 + 10000 × DEX + place in its universe; places are given once and never taken back
 * rules   the venue's auction and stake are not here: registering is free, and whoever has an account may open a DEX
 * source  https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/hip-3-deployer-actions
 */
import { gridOf } from '../core/units.ts'
import { DONE, refused } from './command-answer.ts'
import type { Address, CommandAnswer, RegisterChange } from './command.ts'
import { deskOf, mayChange, tiersOf } from './deployer-desk.ts'
import { addDex, addMarket } from './genesis.ts'
import { assetIdOf, type Instrument, type MarginTier } from './instrument.ts'
import { DEXS_MAX, MARKETS_PER_BUILDER_DEX_MAX } from './limits.ts'
import { isPriceNumber } from './price-index.ts'
import type { Dex, Exchange } from './state.ts'

const BUILDER_DEX_NAME = /^[a-z0-9]{2,4}$/
/** A place beside the DEXs in transfers. */
const SPOT = 'spot'
const MARKET_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,23}$/
const SIZE_DECIMALS_MAX = 6
/** What `setFundingMultipliers`, `setFundingInterestRates` and the rest may change later. */
const FIRST_TERMS = {
  growthMode: false,
  isDelisted: false,
  impactNotionalMicroUsd: 6_000_000_000,
  interestPer8h: 0.0001,
  fundingMultiplier: 1,
  openInterestCapMicroUsd: null,
} as const
/** Fees × 2, half of them the deployer's, as a DEX of the venue begins. */
const FIRST_FEE_SCALE = 1

export function register(exchange: Exchange, address: Address, change: RegisterChange): CommandAnswer {
  const known = exchange.dexs.find(({ spec }) => spec.index > 0 && spec.name === change.dex)
  const tiers = tiersOf(known ?? null, change.marginTableId)
  const fault =
    (known === undefined ? openingFault(exchange, change) : joiningFault(known, address, change)) ??
    marketFault(change, known ?? null, tiers)
  if (fault !== null || tiers === null) return refused(fault ?? 'Invalid margin table')
  const dex = known ?? open(exchange, address, change)
  deskOf(dex)
  addMarket(exchange, instrumentOf(dex, change, tiers))
  return DONE
}

/** Why this DEX cannot be opened. */
function openingFault(exchange: Exchange, { dex, schema }: RegisterChange): string | null {
  if (schema === null) return `Invalid perp DEX: there is no '${dex}'; its first asset comes with a schema`
  if (!BUILDER_DEX_NAME.test(dex) || dex === SPOT) {
    return `Invalid perp DEX name '${dex}': two to four small letters or digits, not '${SPOT}'`
  }
  if (exchange.dexs.length >= DEXS_MAX) return `Too many perp DEXs: there are ${DEXS_MAX}`
  if (exchange.tokens.some(({ token }) => token.index === schema.collateralToken)) return null
  const tokens = exchange.tokens.map(({ token }) => `${token.index} (${token.name})`).join(', ')
  return `Invalid collateral token ${schema.collateralToken}: there are ${tokens}`
}

/** Why no market can be added to this DEX by this account. */
function joiningFault(dex: Dex, address: Address, { kind, schema }: RegisterChange): string | null {
  if (!mayChange(dex, address, kind)) return 'Invalid perp deployer or sub-deployer'
  if (schema !== null)
    return `Perp DEX '${dex.spec.name}' exists already: send its next asset without a schema`
  return dex.markets.length >= MARKETS_PER_BUILDER_DEX_MAX
    ? `Too many assets: perp DEX '${dex.spec.name}' has ${MARKETS_PER_BUILDER_DEX_MAX}`
    : null
}

/** Why there cannot be such a market. */
function marketFault(
  change: RegisterChange,
  dex: Dex | null,
  tiers: readonly MarginTier[] | null,
): string | null {
  const { coin, szDecimals, oracleTicks, marginTableId } = change
  if (!MARKET_NAME.test(coin)) {
    return `Invalid coin '${coin}': a letter or digit, then up to 23 letters, digits, _ or -`
  }
  const name = `${change.dex}:${coin}`
  if (dex?.markets.some(({ instrument }) => instrument.coin === name) === true) {
    return `Coin ${name} exists already`
  }
  if (!Number.isSafeInteger(szDecimals) || szDecimals < 0 || szDecimals > SIZE_DECIMALS_MAX) {
    return `Invalid szDecimals ${szDecimals}: a whole number from 0 to ${SIZE_DECIMALS_MAX}`
  }
  if (!isPriceNumber(oracleTicks, gridOf(szDecimals).priceDecimals)) {
    return `Invalid oracle price: with ${szDecimals} size decimals a price has ${SIZE_DECIMALS_MAX - szDecimals} decimals and is at least one of the last`
  }
  return tiers === null
    ? `Invalid margin table ${marginTableId}: a leverage from 1 to 49, or a table inserted before`
    : null
}

function open(exchange: Exchange, address: Address, { dex: name, schema }: RegisterChange): Dex {
  // Both were found right by `openingFault`.
  const { token } = exchange.tokens.find((one) => one.token.index === schema?.collateralToken)!
  const dex = addDex(exchange, {
    index: exchange.dexs.length,
    name,
    fullName: schema!.fullName,
    deployer: address,
    collateral: token,
    deployerFeeScale: FIRST_FEE_SCALE,
  })
  deskOf(dex).oracleUpdater = schema!.oracleUpdater
  return dex
}

function instrumentOf(dex: Dex, change: RegisterChange, marginTiers: readonly MarginTier[]): Instrument {
  const { index, name } = dex.spec
  return {
    ...FIRST_TERMS,
    assetId: assetIdOf(index, dex.markets.length),
    dexIndex: index,
    coin: `${name}:${change.coin}`,
    grid: gridOf(change.szDecimals),
    marginTableId: change.marginTableId,
    marginTiers,
    marginPolicy: change.marginPolicy,
    initialOracleTicks: change.oracleTicks,
  }
}
