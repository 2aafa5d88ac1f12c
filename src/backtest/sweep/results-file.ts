/**
 * The results of a sweep on disk: a line of JSON that says what is being swept, then one line per trial in order. Lines are
 * appended when their turn comes, so that the file is the same for any number of workers, and a sweep that was stopped goes on.
 * A cut last line is what a kill leaves; it is taken off and that trial runs again.
 */
import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs'
import { toOutError, writeWholeText } from '../../journal/out-file.ts'
import { SimulationError } from '../../simulation/errors.ts'
import type { Trial } from './evaluate.ts'
import type { Objective } from './objective.ts'
import type { SweepMethod } from './propose.ts'
import type { Dimension } from './space.ts'
import type { TrialMarket } from './trial.ts'

export interface SweepHead {
  readonly kind: 'sweep'
  readonly format: 1
  readonly build: string
  /** Of the configuration that the trials change. */
  readonly configHash: string
  readonly space: readonly Dimension[]
  readonly method: SweepMethod
  readonly objective: Objective
  readonly heldOut: number
  readonly market: TrialMarket
}

export interface SweepResults {
  readonly head: SweepHead
  /** 0, 1, 2 … without a gap. */
  readonly trials: Trial[]
}

/**
 * Opens or makes the file.
 * @returns the trials that are done
 * @throws SimulationError OTHER_SWEEP when the file is of another sweep, BAD_RESULTS when it is none; JournalError as `writeWholeText`
 */
export function openResults(path: string, head: SweepHead): SweepResults {
  if (!existsSync(path)) {
    writeWholeText(path, `${JSON.stringify(head)}\n`)
    return { head, trials: [] }
  }
  const { results, soundBytes } = parse(path)
  const other = differingField(results.head, head)
  if (other !== null) {
    const message = `${path}: it is of another sweep (${other} differs); choose another --out, or delete it`
    throw new SimulationError('OTHER_SWEEP', message)
  }
  truncateSync(path, soundBytes)
  return results
}

/** @throws SimulationError BAD_RESULTS */
export function readResults(path: string): SweepResults {
  return parse(path).results
}

/** @throws JournalError DISK_FULL, BAD_DIRECTORY: the trials before this one stand, and a half line is taken off next time */
export function appendTrial(path: string, trial: Trial): void {
  try {
    appendFileSync(path, `${JSON.stringify(trial)}\n`)
  } catch (error) {
    const atFull = `the ${trial.trial} trials before this one stand: free some and give the same command again, which goes on`
    throw toOutError(error, path, atFull)
  }
}

function parse(path: string): { readonly results: SweepResults; readonly soundBytes: number } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SimulationError('BAD_RESULTS', `${path}: cannot be read (${why})`, { cause })
  }
  // Whatever stands behind the last line end was being written when the sweep was stopped.
  const sound = text.slice(0, text.lastIndexOf('\n') + 1)
  const [first, ...rest] = sound.split('\n').slice(0, -1)
  const head = objectOf(path, first, 1) as unknown as SweepHead
  if (head.kind !== 'sweep' || head.format !== 1) throw bad(path, 'its first line is not that of a sweep')
  const trials = rest.map((line, index) => {
    const trial = objectOf(path, line, index + 2) as unknown as Trial
    if (trial.trial !== index) throw bad(path, `line ${index + 2} is not trial ${index}`)
    return trial
  })
  return { results: { head, trials }, soundBytes: Buffer.byteLength(sound) }
}

function objectOf(path: string, line: string | undefined, number: number): object {
  try {
    const value: unknown = JSON.parse(line ?? '')
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Told below, with its place.
  }
  throw bad(path, `line ${number} is no JSON object`)
}

function bad(path: string, what: string): SimulationError {
  return new SimulationError('BAD_RESULTS', `${path}: ${what}; hypermake sweep --out writes such files`)
}

/** The first field of the head, or of its market, in which two sweeps differ. */
function differingField(one: SweepHead, two: SweepHead): string | null {
  const fieldsOf = (head: SweepHead): [string, unknown][] => {
    const { market, ...rest } = head
    return [...Object.entries(rest), ...Object.entries(market)]
  }
  const [here, there] = [new Map(fieldsOf(one)), new Map(fieldsOf(two))]
  const names = [...here.keys(), ...there.keys()]
  return names.find((name) => JSON.stringify(here.get(name)) !== JSON.stringify(there.get(name))) ?? null
}
