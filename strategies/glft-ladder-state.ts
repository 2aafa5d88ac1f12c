/**
 * What the GLFT ladder keeps from one decision to the next, and what it tells of the last one to `explain` and the metrics.
 *
 * state   tight-quoting switch, knife, factors on the risk aversion, shares of time of each floor; plain data
 */
import type { StrategyFigures } from '../src/core/contracts.ts'
import { initKnife } from './glft/knife.ts'
import type { KnifeState } from './glft/knife.ts'
import { initRiskFactors } from './glft/risk-aversion.ts'
import type { RiskFactors } from './glft/risk-aversion.ts'
import { initModelNumbers } from './glft-terms.ts'
import type { ModelNumbers } from './glft-terms.ts'
import type { Binding } from './ladder/allocate.ts'
import { floorShares, initFloorTimes } from './ladder/floor-shares.ts'
import type { FloorTimes } from './ladder/floor-shares.ts'
import { initFloors } from './ladder/floors.ts'
import type { FloorName, Floors } from './ladder/floors.ts'
import type { SideBudget } from './ladder/side-budget.ts'
import { failedNames, initTightQuoting, TIGHT_CONDITIONS } from './ladder/tight-quoting.ts'
import type { TightQuotingState } from './ladder/tight-quoting.ts'

/** How a side was decided last, for `explain` and the metrics. */
export interface SideReport {
  readonly floors: Floors
  floor: FloorName
  readonly floorTimes: FloorTimes
  /** Innermost depth after floors, bounds and cap, fraction of the fair price. */
  innerDepth: number
  /** Lots the side was allowed in all, and what allowed no more. */
  readonly budget: SideBudget
  /** What bound the size of each level that is quoted, in the order of the ladder. */
  readonly binding: Binding[]
}

export interface GlftLadderState {
  readonly tight: TightQuotingState
  readonly knife: KnifeState
  /** Logarithms of the factors on the risk aversion. */
  readonly factors: RiskFactors
  readonly model: ModelNumbers
  readonly bid: SideReport
  readonly ask: SideReport
}

/** @param levels of a side, at most */
export function initLadderState(levels: number): GlftLadderState {
  const side = (): SideReport => ({
    floors: initFloors(),
    floor: 'model',
    floorTimes: initFloorTimes(),
    innerDepth: 0,
    budget: { lots: 0, by: 'target' },
    binding: new Array<Binding>(levels).fill('least'),
  })
  return {
    tight: initTightQuoting(),
    knife: initKnife(),
    factors: initRiskFactors(),
    model: initModelNumbers(),
    bid: side(),
    ask: side(),
  }
}

/** The last decision in numbers, for the metrics. */
export function figures({ factors, tight, knife, bid, ask }: GlftLadderState): StrategyFigures {
  const failed = failedNames(tight)
  return {
    riskFactors: Object.fromEntries(Object.entries(factors).map(([name, log]) => [name, Math.exp(log)])),
    isTight: tight.isOn,
    knife: { falling: knife.falling.isOn, rising: knife.rising.isOn },
    tightConditions: Object.fromEntries(TIGHT_CONDITIONS.map((name) => [name, !failed.includes(name)])),
    bidFloorShares: floorShares(bid.floorTimes),
    askFloorShares: floorShares(ask.floorTimes),
  }
}
