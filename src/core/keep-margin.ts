/**
 * The margin policy in the step: takes the facts from the state, and turns what `margin.ts` wants into commands. Where this
 * DEX has too little, collateral comes from elsewhere, if the configuration names a place and up to its limit for the day.
 */
import type { Command } from './command.ts'
import type { AccountInput } from './input.ts'
import { MARGIN_WAIT_MS_MAX, MARGIN_WAIT_MS_MIN, planMargin } from './margin.ts'
import type { MarginFacts } from './margin.ts'
import type { EngineSettings } from './settings.ts'
import type { EngineState } from './state.ts'
import { MICRO_USD_PER_USD } from './units.ts'

/** A position that has grown since the last sample asks for a new one at most this often, ms: one costs the venue's weight. */
const SAMPLE_WANTED_MS_MIN = 10_000
/** Transfers take this long to show, ms, and are not asked for again before. */
const TRANSFER_WAIT_MS = 30_000
/** Transfers are made in whole cents, and not below a dollar. */
const CENT_MICRO_USD = MICRO_USD_PER_USD / 100
const DAY_MS = 86_400_000

/** The venue's word on the margin has come: whether it followed what was asked decides how long the next wait is. */
export function noteMarginSample(state: EngineState, account: AccountInput): void {
  const { margin, markTicks } = state
  margin.sampleMarkTicks = markTicks
  const asked = margin.askedMicroUsd
  if (asked === 0) return
  margin.askedMicroUsd = 0
  const now = account.isolatedMarginMicroUsd
  if (now === null || markTicks === null || account.positionLots !== margin.fromLots) return
  const gain = margin.fromLots * (markTicks - margin.fromMarkTicks)
  const followed = (now - margin.fromMicroUsd - gain) / asked
  margin.waitMs = followed >= 0.5 ? MARGIN_WAIT_MS_MIN : Math.min(2 * margin.waitMs, MARGIN_WAIT_MS_MAX)
}

export function keepMargin(state: EngineState, settings: EngineSettings, out: Command[]): void {
  const account = state.accountLast
  if (account === null || state.market === null) return
  const heldLots = state.ledger.positionLots
  if (account.positionLots !== heldLots) {
    wantSample(state, account)
    return
  }
  const { margin } = state
  const facts = factsOf(state, account)
  if (facts === null) margin.missingMicroUsd = 0
  else if (isDue(state)) {
    const { changeMicroUsd, missingMicroUsd } = planMargin(facts, settings)
    margin.missingMicroUsd = missingMicroUsd
    if (changeMicroUsd !== 0) {
      margin.lastTsMs = state.tsMs
      margin.askedMicroUsd = changeMicroUsd
      margin.fromMicroUsd = facts.marginMicroUsd
      margin.fromLots = facts.sizeLots
      margin.fromMarkTicks = facts.markTicks
      out.push(
        changeMicroUsd > 0
          ? { kind: 'addMargin', amountMicroUsd: changeMicroUsd }
          : { kind: 'releaseMargin', amountMicroUsd: -changeMicroUsd },
      )
    }
  }
  moveCollateral(state, account, settings, out)
}

/** Acts only on a sample that is younger than the last change, and gives the venue time when it does not follow. */
function isDue({ margin, accountTsMs, tsMs }: EngineState): boolean {
  if (margin.lastTsMs === 0) return true
  return accountTsMs > margin.lastTsMs && tsMs - margin.lastTsMs >= margin.waitMs
}

/** @returns null without an isolated position, or before its worth is known */
function factsOf(state: EngineState, account: AccountInput): MarginFacts | null {
  const { market, markTicks, margin } = state
  const { isolatedMarginMicroUsd, positionLots } = account
  if (market === null || markTicks === null || isolatedMarginMicroUsd === null || positionLots === 0)
    return null
  const gain = positionLots * (markTicks - (margin.sampleMarkTicks ?? markTicks))
  return {
    sizeLots: positionLots,
    markTicks,
    marginMicroUsd: isolatedMarginMicroUsd + gain,
    liquidationTicks: account.liquidationTicks,
    withdrawableMicroUsd: account.withdrawableMicroUsd,
    accountValueMicroUsd: account.accountValueMicroUsd,
    maxLeverage: market.maxLeverage,
    isRemovable: market.isStrictIsolated !== true,
  }
}

/** The margin of a position that has grown or turned is not known: the venue is asked, an opening at once. */
function wantSample(state: EngineState, account: AccountInput): void {
  const { market, margin, ledger, tsMs } = state
  const isIsolated = market?.marginMode === 'isolated' || account.isolatedMarginMicroUsd !== null
  const isLarger = Math.abs(ledger.positionLots) > Math.abs(account.positionLots)
  const hasTurned = Math.sign(ledger.positionLots) === -Math.sign(account.positionLots)
  if (!isIsolated || ledger.positionLots === 0 || (!isLarger && !hasTurned)) return
  if (margin.sampleWantedTsMs !== 0 && tsMs - margin.sampleWantedTsMs < SAMPLE_WANTED_MS_MIN) return
  margin.sampleWantedTsMs = tsMs
  state.resyncBecause ??= 'the margin of a position that has grown'
}

function moveCollateral(
  state: EngineState,
  account: AccountInput,
  settings: EngineSettings,
  out: Command[],
): void {
  const { margin, tsMs } = state
  const reserve = account.reserveMicroUsd
  if (settings.collateralDailyMicroUsd === 0 || reserve === undefined) return
  if (
    margin.movedTsMs !== 0 &&
    (state.accountTsMs <= margin.movedTsMs || tsMs - margin.movedTsMs < TRANSFER_WAIT_MS)
  )
    return
  const missing = Math.max(
    margin.missingMicroUsd,
    settings.collateralKeepMicroUsd - account.withdrawableMicroUsd,
  )
  if (missing <= 0) return
  const day = Math.floor(tsMs / DAY_MS)
  if (day !== margin.movedDay) {
    margin.movedDay = day
    margin.movedMicroUsd = 0
  }
  // What an earlier run moved today counts as well, and what was asked for and perhaps refused.
  const moved = Math.max(margin.movedMicroUsd, account.movedTodayMicroUsd ?? 0)
  const most = Math.min(missing, reserve, settings.collateralDailyMicroUsd - moved)
  const amountMicroUsd = Math.floor(most / CENT_MICRO_USD) * CENT_MICRO_USD
  if (amountMicroUsd < MICRO_USD_PER_USD) return
  margin.movedMicroUsd = moved + amountMicroUsd
  margin.movedTsMs = tsMs
  out.push({ kind: 'moveCollateral', amountMicroUsd })
}
