/**
 * `hypermake knobs`: every setting that decides is changed, and what the maker does on fixed tapes is compared with what it
 * did before. A setting that changes nothing anywhere is a promise that is not kept: it is named, and the exit code is 1.
 */
import { addMovements, baseRun, isMovement, movementOn, NO_MOVEMENT } from '../backtest/knobs.ts'
import type { BaseRun, Movement, Player } from '../backtest/knobs.ts'
import type { Config } from '../config/config.ts'
import { ConfigError } from '../config/errors.ts'
import { perturbationsOf } from '../config/perturb.ts'
import type { Perturbation, PerturbDirection } from '../config/perturb.ts'
import { CONFIG_SECTIONS } from '../config/schema.ts'
import { camelOf } from '../config/schema-walk.ts'
import type { ConfigField } from '../config/schema-walk.ts'
import { createEngine } from '../core/engine.ts'
import { MISSING } from '../ops/format.ts'
import { enginePartsOf } from './engine-parts.ts'
import { exitCodes } from './exit-codes.ts'
import { FIXED_KEYS, FIXED_SECTIONS } from './fixed-keys.ts'
import { knobTapes } from './knob-tapes.ts'
import type { KnobTape } from './knob-tapes.ts'

export interface KnobsCommand {
  /** The configuration of the command line with further `key=value` on top. @throws ConfigError */
  readonly configOf: (assignments: readonly string[]) => Config
  readonly scenarios: readonly string[]
  /** Length of each recorded tape. */
  readonly seconds: number
  /** Only settings of these sections, with what is below them (`risk` includes `risk.mmp`); null: all. */
  readonly sections: readonly string[] | null
  /** Only whether a setting matters, not by how much: stops at the first difference. */
  readonly quick: boolean
  /** Called before each field. */
  readonly onProgress?: (key: string, done: number, total: number) => void
}

/** One change of one setting. */
export interface KnobResult {
  readonly key: string
  readonly from: string
  /** Null: no other value is allowed by the rest of the configuration. */
  readonly to: string | null
  /** Tapes on which it moved something. */
  readonly tapes: readonly string[]
  readonly movement: Movement
}

export interface KnobsReport {
  readonly tapes: readonly string[]
  readonly results: readonly KnobResult[]
  /** Keys of which no change moved anything. */
  readonly inert: readonly string[]
}

/** Sections whose settings no tape can show, each with the reason. */
export const KNOB_SECTIONS_LEFT_OUT: Readonly<Record<string, string>> = {
  '': 'the version of the file format',
  venue: 'addresses, pauses between tries, and the fate of unanswered orders: a tape always answers',
  ...FIXED_SECTIONS,
  exchange: 'the simulated venue itself: the tapes are made with it',
}

/** Single settings that no tape can show, each with the reason. */
const KNOB_KEYS_LEFT_OUT: Readonly<Record<string, string>> = {
  'execution.start_orders': 'what an earlier run left: nothing comes before a tape',
  ...FIXED_KEYS,
}

const DIRECTIONS: readonly PerturbDirection[] = ['up', 'down', 'other']

interface Prepared {
  readonly knobTape: KnobTape
  /** What the unchanged maker does on it; played when it is asked for first. */
  base(): BaseRun
}

/** @throws SimulationError for an unknown scenario */
export function measureKnobs(asked: KnobsCommand): KnobsReport {
  const command = { ...asked, configOf: remembered(asked.configOf) }
  const prepared = knobTapes(command).map((knobTape) => preparedOf(command, knobTape))
  const tapes = prepared.map(({ knobTape }) => nameOf(knobTape))
  const fields = fieldsOf(command.sections)
  const results: KnobResult[] = []
  const inert: string[] = []
  fields.forEach((field, index) => {
    command.onProgress?.(field.key, index, fields.length)
    const ofField = command.quick
      ? [findMovement(command, field, prepared)]
      : measureField(command, field, prepared)
    results.push(...ofField)
    if (!ofField.some(({ movement }) => isMovement(movement))) inert.push(field.key)
  })
  return { tapes, results, inert }
}

function preparedOf(command: KnobsCommand, knobTape: KnobTape): Prepared {
  let played: BaseRun | null = null
  const base = (): BaseRun => (played ??= baseRun(knobTape.tape, playerOf(command.configOf(knobTape.set))))
  return { knobTape, base }
}

/** @throws ConfigError for a section that there is not, or that is left out */
function fieldsOf(sections: readonly string[] | null): ConfigField[] {
  const shown = CONFIG_SECTIONS.filter(
    ({ key, fields }) => fields.length > 0 && !(key in KNOB_SECTIONS_LEFT_OUT),
  )
  const isWithin = (key: string, asked: string): boolean => key === asked || key.startsWith(`${asked}.`)
  const unknown = sections?.find((asked) => !shown.some(({ key }) => isWithin(key, asked)))
  if (unknown !== undefined) {
    const known = shown.map(({ key }) => key).join(', ')
    throw new ConfigError('BAD_VALUE', `--section ${unknown}: there are ${known}`)
  }
  return shown
    .filter(({ key }) => sections === null || sections.some((asked) => isWithin(key, asked)))
    .flatMap((section) => section.fields)
    .filter(({ key }) => !(key in KNOB_KEYS_LEFT_OUT))
}

/** The same few configurations are asked for again and again, and reading the files takes longer than a short tape. */
function remembered(configOf: KnobsCommand['configOf']): KnobsCommand['configOf'] {
  const known = new Map<string, Config | ConfigError>()
  return (assignments) => {
    const key = assignments.join(' ')
    const found = known.get(key) ?? configOrError(configOf, assignments)
    known.set(key, found)
    if (found instanceof ConfigError) throw found
    return found
  }
}

function configOrError(
  configOf: KnobsCommand['configOf'],
  assignments: readonly string[],
): Config | ConfigError {
  try {
    return configOf(assignments)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

/** Mild changes first; stronger ones of a direction only while the milder ones moved nothing. */
function measureField(
  command: KnobsCommand,
  field: ConfigField,
  prepared: readonly Prepared[],
): KnobResult[] {
  const results: KnobResult[] = []
  for (const changes of changesOf(command, field, prepared)) {
    // Of several vain tries of one direction only the strongest is worth a line.
    let strongest: KnobResult | null = null
    for (const change of changes) {
      strongest = measureChange(command, field.key, change, prepared)
      if (change.direction === 'other') results.push(strongest)
      else if (isMovement(strongest.movement)) break
    }
    if (strongest !== null && strongest !== results.at(-1)) results.push(strongest)
  }
  return results.length > 0 ? results : [resultOf(command, field.key, null, NO_MOVEMENT, [])]
}

function measureChange(
  command: KnobsCommand,
  key: string,
  change: Perturbation,
  prepared: readonly Prepared[],
): KnobResult {
  let movement = NO_MOVEMENT
  const tapes: string[] = []
  for (const one of prepared) {
    const moved = movementOf(command, key, change, one)
    movement = addMovements(movement, moved)
    if (isMovement(moved)) tapes.push(nameOf(one.knobTape))
  }
  return resultOf(command, key, change, movement, tapes)
}

/**
 * Whether the setting matters at all: every change on one tape after another, the strongest first, until one moves something.
 * Tapes that were bent for it come first; then, as neighbouring settings matter in the same circumstances, the one that showed the
 * last setting.
 */
function findMovement(command: KnobsCommand, field: ConfigField, prepared: Prepared[]): KnobResult {
  const changes = changesOf(command, field, prepared).flatMap((ofDirection) => ofDirection.reverse())
  const isBentFor = ({ knobTape }: Prepared): boolean =>
    knobTape.shows?.some((shown) => field.key.startsWith(shown)) ?? false
  const inOrder = [...prepared.filter(isBentFor), ...prepared.filter((one) => !isBentFor(one))]
  for (const one of inOrder) {
    for (const change of changes) {
      const moved = movementOf(command, field.key, change, one)
      if (!isMovement(moved)) continue
      // A tape bent for this setting says nothing of the next one.
      if (!isBentFor(one)) moveToFront(prepared, one)
      return resultOf(command, field.key, change, moved, [nameOf(one.knobTape)])
    }
  }
  return resultOf(command, field.key, changes[0] ?? null, NO_MOVEMENT, [])
}

function moveToFront(prepared: Prepared[], one: Prepared): void {
  prepared.splice(prepared.indexOf(one), 1)
  prepared.unshift(one)
}

/** Nothing where a tape's own settings do not go with the changed one. */
function movementOf(command: KnobsCommand, key: string, change: Perturbation, on: Prepared): Movement {
  const assignments = [...on.knobTape.set, `${key}=${change.text}`]
  if (!isAllowed(command, assignments)) return NO_MOVEMENT
  return movementOn(on.base(), playerOf(command.configOf(assignments)), command.quick)
}

function resultOf(
  command: KnobsCommand,
  key: string,
  change: Perturbation | null,
  movement: Movement,
  tapes: readonly string[],
): KnobResult {
  const value = valueAt(command.configOf([]), key)
  const from = typeof value === 'string' ? value : JSON.stringify(value)
  return { key, from, to: change?.text ?? null, tapes, movement }
}

/** The changes that the configuration allows on some tape, mild ones first, by direction. */
function changesOf(
  command: KnobsCommand,
  field: ConfigField,
  prepared: readonly Prepared[],
): Perturbation[][] {
  const value = valueAt(command.configOf([]), field.key)
  const perturbations = perturbationsOf(field, value)
  return DIRECTIONS.map((direction) => {
    const changes = perturbations.filter((change) => change.direction === direction)
    return withFurthest(command, field, value, changes).filter(({ text }) =>
      prepared.some(({ knobTape }) => isAllowed(command, [...knobTape.set, `${field.key}=${text}`])),
    )
  }).filter((changes) => changes.length > 0)
}

function nameOf({ tape, set }: KnobTape): string {
  return [tape.name, ...set].join(', ')
}

function isAllowed(command: KnobsCommand, assignments: readonly string[]): boolean {
  try {
    command.configOf(assignments)
    return true
  } catch (error) {
    if (error instanceof ConfigError && (error.code === 'IMPOSSIBLE' || error.code === 'BAD_VALUE'))
      return false
    throw error
  }
}

const BISECTIONS = 12

/** Where other settings forbid the outermost value of a number, the furthest one that they allow takes its place. */
function withFurthest(
  command: KnobsCommand,
  field: ConfigField,
  value: unknown,
  changes: readonly Perturbation[],
): Perturbation[] {
  const last = changes.at(-1)
  const isNumber = typeof value === 'number' && value > 0 && last !== undefined && last.direction !== 'other'
  if (!isNumber || isAllowed(command, [`${field.key}=${last.text}`])) return [...changes]
  let allowed = value
  let forbidden = Math.max(Number(last.text), Number.EPSILON)
  for (let step = 0; step < BISECTIONS; step += 1) {
    const middle = Number(Math.sqrt(allowed * forbidden).toPrecision(3))
    if (isAllowed(command, [`${field.key}=${middle}`])) allowed = middle
    else forbidden = middle
  }
  const milder = changes.slice(0, -1)
  return allowed === value ? milder : [...milder, { direction: last.direction, text: String(allowed) }]
}

function playerOf(config: Config): Player {
  return {
    engineOf: ({ market, capital }) => createEngine(enginePartsOf(config, market, capital)),
    timerMs: config.execution.timerMs,
  }
}

function valueAt(values: object, key: string): unknown {
  let value: unknown = values
  for (const part of key.split('.')) value = (value as Record<string, unknown>)[camelOf(part)]
  return value
}

/** @returns 0, or 1 when a setting moved nothing */
export function knobs(command: KnobsCommand & { readonly json: boolean }): number {
  const report = measureKnobs({
    ...command,
    onProgress: (key, done, total) => process.stderr.write(`${done + 1} of ${total}  ${key}\n`),
  })
  process.stdout.write(
    command.json
      ? `${JSON.stringify({ kind: 'knobs', ...report, leftOut: { ...KNOB_SECTIONS_LEFT_OUT, ...KNOB_KEYS_LEFT_OUT } })}\n`
      : textOf(report),
  )
  return report.inert.length === 0 ? exitCodes.ok : exitCodes.failed
}

function textOf(report: KnobsReport): string {
  const cells = report.results.map(({ key, from, to, tapes, movement }) => [
    key,
    `${from} → ${to ?? MISSING}`,
    shareText(movement.ladderLooks, movement.looks),
    shareText(movement.sentLooks, movement.looks),
    movement.pairs === 0 ? MISSING : (movement.sumBps / movement.pairs).toFixed(3),
    `${tapes.length} of ${report.tapes.length}`,
  ])
  const lines = [['setting', 'change', 'ladder differs', 'sends differ', 'mean bps', 'tapes'], ...cells]
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? []
  const table = lines.map((line) =>
    line
      .map((text, column) =>
        column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  '),
  )
  const leftOut = Object.entries({ ...KNOB_SECTIONS_LEFT_OUT, ...KNOB_KEYS_LEFT_OUT }).map(
    ([key, why]) => `  ${key === '' ? '(top)' : key}: ${why}`,
  )
  const verdict =
    report.inert.length === 0
      ? 'every setting moves a decision'
      : `settings that move nothing: ${report.inert.join(', ')}`
  return [
    `tapes: ${report.tapes.join('; ')}`,
    '',
    ...table,
    '',
    'left out, by section:',
    ...leftOut,
    '',
    verdict,
    '',
  ].join('\n')
}

function shareText(part: number, whole: number): string {
  return whole === 0 ? MISSING : `${((100 * part) / whole).toFixed(1)} %`
}
