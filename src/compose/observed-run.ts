/**
 * A journal walked through with the maker that wrote it and, if asked for, one with another configuration beside it.
 *
 * The second maker decides from where the first one stands: after every input it is given the first one's orders and request
 * counts. So both see the same fills, position and money, each decision is compared on its own, and no answer of the venue
 * can be about an order that the second one never placed. What its own decisions would have led to, it does not know.
 */
import type { Config } from '../config/config.ts'
import { assert } from '../core/assert.ts'
import type { Command } from '../core/command.ts'
import type { Engine } from '../core/engine.ts'
import type { Input } from '../core/input.ts'
import { readJournal } from '../journal/reader.ts'
import { changedConfig } from './changed-config.ts'
import type { ChangedKey } from './changed-config.ts'
import { makerConfigOf } from './journal-config.ts'
import { copyLive, observedMaker } from './observed-maker.ts'
import type { Observation, ObservedMaker } from './observed-maker.ts'

/** One input, what both makers made of it, and what the journal says was made of it. */
export interface ObservedStep {
  readonly recorded: Observation
  /** Null without a changed configuration. */
  readonly changed: Observation | null
  readonly journalled: readonly Command[]
}

export interface ObservedRun {
  /** Stands after the step given out last; there is none before the first. */
  recorded(): Engine
  /** Null without a changed configuration. */
  changed(): Engine | null
  /** Of the recorded run. */
  readonly config: Config
  readonly changes: readonly ChangedKey[]
  readonly steps: Iterable<ObservedStep>
}

/**
 * @param assignments `key=value` of the second maker; empty: there is none
 * @throws JournalError when the journal cannot be read, ConfigError when the assignments are wrong
 */
export function observeRun(dir: string, assignments: readonly string[]): ObservedRun {
  const reader = readJournal(dir)
  const config = makerConfigOf(reader.header)
  const other = assignments.length === 0 ? null : changedConfig(config, assignments)
  let recorded: ObservedMaker | null = null
  let changed: ObservedMaker | null = null

  function stepBoth(input: Input): Omit<ObservedStep, 'journalled'> {
    if (recorded === null) {
      assert(input.kind === 'sessionStarted', 'a journal starts with its session')
      recorded = observedMaker(config, input.market)
      changed = other === null ? null : observedMaker(other.config, input.market)
    }
    // The second one goes first: it still has the orders that the first one had before this input.
    const ofChanged = changed?.observe(input) ?? null
    const ofRecorded = recorded.observe(input)
    if (changed !== null) follow(changed.engine, recorded.engine)
    return { recorded: ofRecorded, changed: ofChanged }
  }

  function* steps(): Generator<ObservedStep> {
    let open: Input | null = null
    let journalled: Command[] = []
    for (const record of reader.records) {
      if (record.kind === 'command') journalled.push(record.command)
      if (record.kind !== 'input') continue
      if (open !== null) yield { ...stepBoth(open), journalled }
      open = record.input
      journalled = []
    }
    if (open !== null) yield { ...stepBoth(open), journalled }
  }

  return {
    recorded() {
      assert(recorded !== null, 'the maker of a journal stands after its first input')
      return recorded.engine
    },
    changed: () => changed?.engine ?? null,
    config,
    changes: other?.changes ?? [],
    steps: steps(),
  }
}

/** Gives `follower` the orders and request counts of `leader`. What it decided itself is forgotten. */
function follow(follower: Engine, leader: Engine): void {
  const mine = follower.state
  const theirs = leader.state
  mine.tracker.live.clear()
  for (const order of copyLive(theirs.tracker)) mine.tracker.live.set(order.cloid, order)
  mine.cloidCounter = theirs.cloidCounter
  mine.allowanceSecond = theirs.allowanceSecond
  mine.messagesInSecond = theirs.messagesInSecond
  Object.assign(mine.budget, theirs.budget)
}
