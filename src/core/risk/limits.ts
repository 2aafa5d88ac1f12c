/**
 * The limits of money against the money at hand: what they are when none was given, and which of them no sensible person means.
 *
 * in      equity at the start of the run, the limits as configured (0: derive)
 * out     limits in micro-dollars; in words, what is absurd and what to set instead
 * source  a daily loss of 2 % of equity is the usual limit of a desk; above 20 % it no longer limits anything
 */
import { MICRO_USD_PER_USD } from '../units.ts'

/** A limit of loss above this share of equity is refused. */
export const LOSS_SHARE_MAX = 0.2
/** The loss of a day that trips the kill switch when none was given, share of equity. */
export const DERIVED_LOSS_SHARE = 0.02
/** The least fall that counts as a drawdown when none was given, share of equity. */
export const DERIVED_DRAWDOWN_SHARE = 0.001
/** Worth of the largest position when none was given, share of equity: a fall by a twentieth then costs the loss of a day. */
export const DERIVED_POSITION_SHARE = 0.4

/** What sizes are derived from, as it is at the start of a run. */
export interface Capital {
  /** Of the account on this DEX. */
  readonly equityMicroUsd: number
  /** Of one lot, in micro-dollars: a price in ticks is that. */
  readonly priceTicks: number
}

export interface LossLimits {
  /** 0: derived from equity. */
  readonly maxDailyLossMicroUsd: number
  readonly maxDrawdownShare: number
  /** 0: derived from equity. */
  readonly minDrawdownMicroUsd: number
}

export interface PositionLimit {
  readonly maxPositionLots: number
  /** What one lot costs per tick is a micro-dollar, so a price in ticks is the price of a lot. */
  readonly priceTicks: number
  readonly maxLeverage: number
}

export interface LimitProblem {
  readonly severity: 'warning' | 'error'
  /** As in the configuration files. */
  readonly key: string
  readonly because: string
  readonly remedy: string
}

/** Loss of a UTC day that trips the kill switch; an unknown equity trips nothing that was to be derived from it. */
export function dailyLossLimit(limits: LossLimits, equityMicroUsd: number | null): number {
  if (limits.maxDailyLossMicroUsd > 0) return limits.maxDailyLossMicroUsd
  return equityMicroUsd === null ? Infinity : Math.max(1, Math.floor(DERIVED_LOSS_SHARE * equityMicroUsd))
}

/** The least fall of equity that counts as a drawdown. */
export function drawdownFloor(limits: LossLimits, equityMicroUsd: number | null): number {
  if (limits.minDrawdownMicroUsd > 0) return limits.minDrawdownMicroUsd
  return equityMicroUsd === null ? 0 : Math.floor(DERIVED_DRAWDOWN_SHARE * equityMicroUsd)
}

/** The largest position when none was given, whole lots rounded down. @param of.priceTicks > 0 */
export function derivedPositionLots(of: Capital): number {
  return Math.max(0, Math.floor((DERIVED_POSITION_SHARE * of.equityMicroUsd) / of.priceTicks))
}

/** @param equityMicroUsd of the account on this DEX, > 0 */
export function judgeLossLimits(limits: LossLimits, equityMicroUsd: number): LimitProblem[] {
  const problems: LimitProblem[] = []
  const atMost = LOSS_SHARE_MAX * equityMicroUsd
  const ofEquity = (microUsd: number): string =>
    `${((100 * microUsd) / equityMicroUsd).toFixed(0)} % of the ${usd(equityMicroUsd)} USD of equity, at most ${100 * LOSS_SHARE_MAX} % make sense`
  const lossMicroUsd = dailyLossLimit(limits, equityMicroUsd)
  if (lossMicroUsd > atMost) {
    problems.push({
      severity: 'error',
      key: 'risk.max_daily_loss_usd',
      because: `a daily loss of ${usd(lossMicroUsd)} USD is ${ofEquity(lossMicroUsd)}`,
      remedy: `set risk.max_daily_loss_usd to ${usd(atMost)} or less, or to 0: ${100 * DERIVED_LOSS_SHARE} % of equity`,
    })
  }
  if (limits.maxDrawdownShare > LOSS_SHARE_MAX) {
    const fall = limits.maxDrawdownShare * equityMicroUsd
    problems.push({
      severity: 'error',
      key: 'risk.max_drawdown_pct',
      because: `a drawdown of ${usd(fall)} USD is ${ofEquity(fall)}`,
      remedy: `set risk.max_drawdown_pct to ${100 * LOSS_SHARE_MAX} or less`,
    })
  }
  if (limits.minDrawdownMicroUsd > atMost) {
    problems.push({
      severity: 'error',
      key: 'risk.min_drawdown_usd',
      because: `no fall below ${usd(limits.minDrawdownMicroUsd)} USD would count as a drawdown: ${ofEquity(limits.minDrawdownMicroUsd)}`,
      remedy: `set risk.min_drawdown_usd to ${usd(atMost)} or less, or to 0: ${100 * DERIVED_DRAWDOWN_SHARE} % of equity`,
    })
  }
  return problems
}

/** A position limit that the margin cannot carry is an error; one that needs more than half of it leaves no room to be wrong. */
export function judgePositionLimit(limit: PositionLimit, equityMicroUsd: number): LimitProblem[] {
  const notional = limit.maxPositionLots * limit.priceTicks
  const carried = equityMicroUsd * limit.maxLeverage
  if (notional <= carried / 2) return []
  const leverage = (notional / equityMicroUsd).toFixed(1)
  return [
    {
      severity: notional > carried ? 'error' : 'warning',
      key: 'risk.max_position',
      because: `the largest position is worth ${usd(notional)} USD, ${leverage} times the equity of ${usd(equityMicroUsd)} USD; the market allows ${limit.maxLeverage} times`,
      remedy: `set risk.max_position so that it is worth ${usd(carried / 2)} USD or less`,
    },
  ]
}

function usd(microUsd: number): string {
  return (microUsd / MICRO_USD_PER_USD).toFixed(2)
}
