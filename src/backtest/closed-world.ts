/**
 * The closed world: maker and exchange in one process on the world's virtual clock, as fast as the processor allows. Our
 * orders rest in the real book, so queue positions are true and every fill is somebody's trade.
 *
 * No look-ahead by construction: the engine sees a block only after it ran, and its commands join a later one.
 */
import type { Approved } from '../core/command.ts'
import { engineHash, step } from '../core/engine.ts'
import type { Engine } from '../core/engine.ts'
import { stampInput } from '../core/input.ts'
import type { Input, RawInput } from '../core/input.ts'
import { runUntil } from '../simulation/world.ts'
import type { World } from '../simulation/world.ts'
import type { LocalVenue } from '../venues/local/local-venue.ts'

export interface ClosedWorldOptions {
  readonly engine: Engine
  readonly venue: LocalVenue
  readonly world: World
  /** The run ends with the first block at or after this. */
  readonly untilTsMs: number
  /** Called with every input and what the engine made of it. */
  readonly onStep?: (input: Input, commands: readonly Approved[]) => void
}

/** Runs to the end. @returns the engine's state hash */
export function runClosedWorld(options: ClosedWorldOptions): string {
  const { engine, venue, world } = options
  const push = (raw: RawInput): void => {
    const input = stampInput(raw, engine.state.seq + 1, world.nowTsMs)
    const commands = step(engine, input)
    if (commands.length > 0) venue.send(commands)
    options.onStep?.(input, commands)
  }
  if (engine.state.market === null) {
    const { market, account } = venue
    push({ kind: 'sessionStarted', market, account, epoch: world.nowTsMs, configHash: '' })
  }
  while (world.nowTsMs < options.untilTsMs) {
    drain(venue, push)
    push({ kind: 'timer' })
    runUntil(world, world.nowTsMs + world.blockMs)
  }
  drain(venue, push)
  return engineHash(engine)
}

/** Answers that a step causes at once (questions about the account) are taken in the same go. */
function drain(venue: LocalVenue, push: (raw: RawInput) => void): void {
  for (let inputs = venue.takeInputs(); inputs.length > 0; inputs = venue.takeInputs()) {
    for (const input of inputs) push(input)
  }
}
