/** The strategies by name. Compose picks one and gives it its configuration. */
import { createAvellanedaStoikov } from './avellaneda-stoikov/strategy.ts'
import type { AvellanedaStoikovConfig, AvellanedaStoikovState } from './avellaneda-stoikov/strategy.ts'
import { createFixedSpread, fixedSpreadDefaults } from './fixed-spread.ts'
import type { FixedSpreadConfig, FixedSpreadState } from './fixed-spread.ts'
import { createGlftLadder } from './glft-ladder.ts'
import type { GlftLadderState } from './glft-ladder-state.ts'
import { glftLadderDefaults } from './glft-ladder-config.ts'
import type { GlftLadderConfig } from './glft-ladder-config.ts'

export {
  createAvellanedaStoikov,
  createFixedSpread,
  createGlftLadder,
  fixedSpreadDefaults,
  glftLadderDefaults,
}
export type {
  AvellanedaStoikovConfig,
  AvellanedaStoikovState,
  FixedSpreadConfig,
  FixedSpreadState,
  GlftLadderConfig,
  GlftLadderState,
}

/** Name → factory. Each takes its own configuration and gives a `Strategy` with its own state. */
export const strategies: {
  readonly 'glft-ladder': typeof createGlftLadder
  readonly 'avellaneda-stoikov': typeof createAvellanedaStoikov
  readonly 'fixed-spread': typeof createFixedSpread
} = {
  'glft-ladder': createGlftLadder,
  'avellaneda-stoikov': createAvellanedaStoikov,
  'fixed-spread': createFixedSpread,
}

export type StrategyName = keyof typeof strategies
