/** Finds the decision that was asked for in a journal and takes it apart; with other settings, beside a second maker. */
import type { ExplainOptions } from '../config/options.ts'
import type { ChangedKey } from './changed-config.ts'
import { explanationOf } from './explanation.ts'
import type { Explanation } from './explanation.ts'
import { findPlacedOrder } from './find-order.ts'
import type { PlacedOrder } from './find-order.ts'
import { isSameValue } from '../journal/exact-json.ts'
import { MomentError } from './moment-error.ts'
import { observeRun } from './observed-run.ts'
import type { ObservedStep } from './observed-run.ts'

export interface ExplainReport {
  /** The input asked for; null: the last decision. */
  readonly askedSeq: number | null
  /** The order asked for, and the level of it that was wished at its price; null unless `--oid`. */
  readonly asked: (PlacedOrder & { readonly level: number | null }) | null
  /** False when this build decides otherwise at this input than the journal says. */
  readonly isAsJournalled: boolean
  readonly recorded: Explanation
  /** Null without `--set`. */
  readonly changed: Explanation | null
  readonly changes: readonly ChangedKey[]
}

/**
 * The last decision at or before the moment asked for.
 * @throws MomentError when there is no such moment, order or decision; JournalError; ConfigError for wrong assignments
 */
export function explainMoment(options: Omit<ExplainOptions, 'json'>): ExplainReport {
  const placed = options.oid === null ? null : findPlacedOrder(options.dir, options.oid)
  const askedSeq = placed?.seq ?? options.seq
  const run = observeRun(options.dir, options.assignments)
  let found: { recorded: Explanation; isAsJournalled: boolean } | null = null
  let changed: Explanation | null = null
  let lastSeq = 0
  for (const step of run.steps) {
    lastSeq = step.recorded.input.seq
    const other = run.changed()
    if (step.recorded.isDecision) {
      found = { recorded: explanationOf(run.recorded(), step.recorded), isAsJournalled: isAsJournalled(step) }
    }
    if (step.changed?.isDecision && other !== null) changed = explanationOf(other, step.changed)
    if (lastSeq === askedSeq) break
  }
  if (askedSeq !== null && lastSeq < askedSeq) {
    throw new MomentError('UNKNOWN_SEQ', `--seq ${askedSeq}: the journal has inputs 1 to ${lastSeq}`)
  }
  if (found === null) {
    throw new MomentError(
      'NO_DECISION',
      `nothing was quoted up to input ${lastSeq}: no comparison of wishes and orders yet; ask for a later one, or for --last`,
    )
  }
  const asked = placed === null ? null : { ...placed, level: levelOf(found.recorded, placed) }
  return { askedSeq, asked, changed, changes: run.changes, ...found }
}

/** A crash may have kept the last commands from being recorded: then they were never sent, and nothing differs. */
function isAsJournalled(step: ObservedStep): boolean {
  const { journalled, recorded } = step
  return journalled.every((command, index) => isSameValue(command, recorded.commands[index]))
}

function levelOf(explanation: Explanation, placed: PlacedOrder): number | null {
  const side = placed.order.side === 'buy' ? explanation.bid : explanation.ask
  return side.levels.find((level) => level.priceTicks === placed.order.priceTicks)?.level ?? null
}
