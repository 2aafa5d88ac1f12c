/** An explanation for people: the way of the decision from top to bottom, in the order in which it was taken. One function a part, hence its length. */
import { MICRO_TICKS_PER_TICK, WATERFALL_TERMS } from '../core/contracts.ts'
import type { MarkoutFigure } from '../core/contracts.ts'
import { MISSING, numberText, priceText, sizeText } from '../ops/format.ts'
import type { OrderDecision } from './explain-orders.ts'
import type { ExplainReport } from './explain-moment.ts'
import type { Explanation, ExplainedEstimate, ExplainedLevel, ExplainedSide } from './explanation.ts'
import { tableText } from './text-table.ts'

export function explanationText(report: ExplainReport): string {
  const { recorded, changed } = report
  const lines = [
    ...momentLines(report),
    '',
    ...fairLines(recorded, changed),
    '',
    ...estimateLines(recorded, changed),
    '',
    ...fillLines(recorded),
    ...strategyLines(recorded, changed),
    ...sideLines('bid', recorded, changed),
    '',
    ...sideLines('ask', recorded, changed),
    '',
    ...riskLines('risk', recorded),
    ...(changed === null ? [] : riskLines('risk, changed', changed)),
    '',
    ...orderLines('orders', recorded),
    ...(changed === null ? [] : ['', ...orderLines('orders, changed', changed)]),
  ]
  return `${lines.join('\n')}\n`
}

/** The fair price is a prior only where the mark stands in for it. */
function isOnMark({ estimates }: Explanation): boolean {
  return estimates.some(({ name, status }) => name === 'fairTicks' && status === 'prior')
}

/** What the lean of the fair price comes from. */
function leanText({ estimates }: Explanation): string {
  const learnt = estimates.find(({ name }) => name === 'micropriceLeanBps')
  if (learnt === undefined || learnt.status === 'off' || learnt.status === 'noData')
    return 'by the sizes at the touch'
  return `by imbalance and spread as learnt, ${numberText(100 * learnt.confidence, 0)} % believed, the rest by the sizes at the touch`
}

/** What the reference market has to do with the fair price; nothing is said where there is none. */
function referenceText({ estimates }: Explanation): string {
  const move = estimates.find(({ name }) => name === 'referenceMoveBps')
  if (move === undefined || move.status === 'off' || move.status === 'noData') return ''
  if (move.value === null) return `; the reference market moves nothing: ${move.status}`
  return `; of it ${numberText(move.value, 4)} bps towards the reference market, ${numberText(100 * move.confidence, 0)} % believed, ${move.ageMs ?? 0} ms old`
}

function momentLines(report: ExplainReport): string[] {
  const { recorded, asked, askedSeq } = report
  const when = new Date(recorded.tsMs).toISOString()
  const lines = [
    `decision  input ${recorded.seq} (${recorded.inputKind}) at ${when}, ${recorded.coin}, ${recorded.strategyName}`,
  ]
  if (asked !== null) {
    const { order } = asked
    const from = asked.level === null ? 'a level that risk or the gate changed' : `level ${asked.level}`
    const what = `${order.side} ${sizeText(order.sizeLots, recorded.szDecimals)} at ${priceText(order.priceTicks, recorded.priceDecimals)}`
    lines.push(
      `order     ${asked.oid} (${order.cloid}): ${what}, from ${from} of the ${order.side === 'buy' ? 'bid' : 'ask'}`,
    )
  } else if (askedSeq !== null && askedSeq !== recorded.seq) {
    lines.push(`asked     input ${askedSeq}, where nothing was decided: this is the last decision before it`)
  }
  if (!report.isAsJournalled) {
    lines.push(
      'WARNING   this build decides otherwise here than the journal says: run hypermake replay on it first',
    )
  }
  if (report.changed !== null) {
    const list = report.changes.map(
      ({ key, from, to }) => `${key} ${JSON.stringify(from)} → ${JSON.stringify(to)}`,
    )
    lines.push(
      `changed   ${list.length > 0 ? list.join(', ') : 'nothing: --set gives the values of the journal'}`,
    )
    if (report.changed.seq !== recorded.seq) {
      lines.push(`          the changed maker decided last at input ${report.changed.seq}`)
    }
  }
  return lines
}

function fairLines(recorded: Explanation, changed: Explanation | null): string[] {
  const { fair, priceDecimals, szDecimals } = recorded
  const price = (ticks: number | null): string => priceText(ticks, priceDecimals)
  const lines = [
    `touch     ${price(fair.bidTicks)} × ${sizeText(fair.bidLots, szDecimals)}  /  ${price(fair.askTicks)} × ${sizeText(fair.askLots, szDecimals)}`,
    `mid       ${price(fair.midTicks)}, the middle of the touch`,
    fair.fairTicks === null
      ? 'fair      not asked for: no two-sided book, and no mark'
      : isOnMark(recorded)
        ? `fair      ${exactTicks(fair.fairTicks * MICRO_TICKS_PER_TICK)} ticks = ${price(fair.fairTicks)}, the mark of the venue: nobody else makes a side of the book`
        : `fair      ${exactTicks(fair.fairTicks * MICRO_TICKS_PER_TICK)} ticks = ${price(fair.fairTicks)}, the microprice: ${numberText(fair.leanBps, 4)} bps from the mid ${leanText(recorded)}${referenceText(recorded)}`,
    `position  ${sizeText(recorded.positionLots, szDecimals)} of at most ${sizeText(recorded.maxPositionLots, szDecimals)}`,
  ]
  if (changed !== null && changed.fair.fairTicks !== fair.fairTicks) {
    lines.push(`          changed: fair ${price(changed.fair.fairTicks)}`)
  }
  if (changed !== null && changed.maxPositionLots !== recorded.maxPositionLots) {
    lines.push(`          changed: at most ${sizeText(changed.maxPositionLots, szDecimals)}`)
  }
  return lines
}

function estimateLines(recorded: Explanation, changed: Explanation | null): string[] {
  if (recorded.estimates.length === 0) return ['estimates not read: the strategy was not asked']
  const others = new Map(changed?.estimates.map((one) => [one.name, one]))
  const head = [
    'estimate',
    'value',
    ...(changed === null ? [] : ['changed']),
    'unit',
    'age',
    'status',
    'confidence',
  ]
  const rows = recorded.estimates.map((one) => [
    one.name,
    valueText(one),
    ...(changed === null ? [] : [otherText(one, others.get(one.name))]),
    one.unit,
    one.ageMs === null ? MISSING : `${one.ageMs} ms`,
    one.status,
    one.confidence.toFixed(2),
  ])
  return [...tableText(head, rows, [1, 2]), `regime    ${recorded.regime}`]
}

function otherText(one: ExplainedEstimate, other: ExplainedEstimate | undefined): string {
  if (other === undefined || (other.value === one.value && other.status === one.status)) return '='
  return other.value === null ? other.status : valueText(other)
}

function valueText({ value }: ExplainedEstimate): string {
  if (value === null) return MISSING
  return Math.abs(value) >= 1e5 || Number.isInteger(value)
    ? String(Math.round(value * 100) / 100)
    : value.toPrecision(5)
}

/** What came after our fills of this run, and what they earned; nothing before the first. */
function fillLines({ fills }: Explanation): string[] {
  if (fills === null || fills.edges.length === 0) return []
  const heads = [
    'our fills',
    ...fills.markouts.flatMap(({ quote, horizonMs }) => (quote === 'bid' ? [afterText(horizonMs)] : [])),
  ]
  const rows = fills.edges.map(({ quote, spreadBps, impactBps, feeBps, netBps }) => [
    quote,
    ...fills.markouts.filter((one) => one.quote === quote).map(markoutText),
    numberText(spreadBps, 2),
    numberText(impactBps, 2),
    numberText(feeBps, 2),
    numberText(netBps, 2),
  ])
  const head = [...heads, 'spread', '− impact', '− fee', '= edge, bps']
  return [
    ...tableText(
      head,
      rows,
      head.slice(1).map((_, index) => index + 1),
    ),
    '',
  ]
}

function afterText(horizonMs: number): string {
  return `after ${horizonMs / 1_000} s`
}

/** Against us positive, with its standard error. */
function markoutText({ sinceFillBps, errorBps }: MarkoutFigure): string {
  if (sinceFillBps === null) return MISSING
  return `${numberText(sinceFillBps, 2)}${errorBps === null ? '' : ` ± ${numberText(errorBps, 2)}`}`
}

function strategyLines(recorded: Explanation, changed: Explanation | null): string[] {
  const { strategy } = recorded
  if (strategy === null) return []
  const other = changed?.strategy ?? null
  const factors = Object.entries(strategy.factors).map(([name, factor]) => {
    const after = other === null ? '' : ` → ${(other.factors[name] ?? 1).toFixed(3)}`
    return `${name} ×${factor.toFixed(3)}${after}`
  })
  const { tight } = strategy
  const conditions = tight.conditions.map(({ name, holds }) => `${name} ${holds ? 'holds' : 'FAILS'}`)
  const gammaAfter = other === null ? '' : ` → ${other.model['gamma']?.toPrecision(5) ?? MISSING}`
  return [
    `aversion  gamma ${strategy.model['gamma']?.toPrecision(5) ?? MISSING}${gammaAfter} a clip; factors ${factors.join(', ')}`,
    `tight     ${tight.isOn ? 'on' : 'off'}${tight.heldMs === null ? '' : `, all held for ${tight.heldMs} ms`}: ${conditions.join(', ')}`,
    ...strategy.knives.map(
      (direction) => `knife     ${direction}: the side that it would run over keeps away`,
    ),
    ...(other === null || other.tight.isOn === tight.isOn
      ? []
      : [`          changed: ${other.tight.isOn ? 'on' : 'off'}`]),
    '',
  ]
}

function sideLines(quote: 'bid' | 'ask', recorded: Explanation, changed: Explanation | null): string[] {
  const side = recorded[quote]
  const other = changed?.[quote] ?? null
  const lines = [
    ...floorLines(quote, side, ''),
    ...floorShareLines(quote, recorded),
    ...(other === null ? [] : floorLines(quote, other, ', changed')),
  ]
  const count = Math.max(side.levels.length, other?.levels.length ?? 0)
  if (count === 0) return lines
  const columns: Column[] = []
  for (let index = 0; index < count; index += 1) {
    columns.push({ head: `level ${index + 1}`, of: recorded, level: side.levels[index] })
    if (changed !== null && other !== null) {
      columns.push({ head: 'changed', of: changed, level: other.levels[index] })
    }
  }
  return [...lines, ...waterfallTable(quote, columns)]
}

const BOUND: Readonly<Record<string, string>> = {
  model: 'the model is above every floor',
  none: 'no floor at work',
}

function floorLines(quote: 'bid' | 'ask', side: ExplainedSide, word: string): string[] {
  const floors = Object.entries(side.floorsBps ?? {}).map(
    ([name, bps]) => `${name} ${bps.toFixed(3)}${name === side.floor ? ' (binds)' : ''}`,
  )
  const told = floors.length === 0 ? '' : `: ${floors.join(', ')} bps`
  const bound = BOUND[side.floor] ?? `bound by ${side.floor}`
  const lines = [`${quote}${word}: ${bound}${told}`]
  if (side.budgetLots !== null)
    lines.push(`          budget of the side ${side.budgetLots} lots, by ${side.budgetBy ?? MISSING}`)
  if (side.because !== null) lines.push(`          because: ${side.because}`)
  return lines
}

interface Column {
  readonly head: string
  readonly of: Explanation
  readonly level: ExplainedLevel | undefined
}

function floorShareLines(quote: 'bid' | 'ask', { floorShares }: Explanation): string[] {
  const shares = Object.entries(
    (quote === 'bid' ? floorShares?.bidFloorShares : floorShares?.askFloorShares) ?? {},
  ).filter(([, share]) => share > 0)
  if (shares.length === 0) return []
  return [
    `          so far ${shares.map(([name, share]) => `${name} ${numberText(100 * share, 1)} %`).join(', ')} of the time`,
  ]
}

/** Terms in bps; the sum also in ticks, because there it is exact. */
function waterfallTable(quote: 'bid' | 'ask', columns: readonly Column[]): string[] {
  const row = (name: string, cell: (level: ExplainedLevel, of: Explanation) => string): string[] => [
    name,
    ...columns.map(({ level, of }) => (level === undefined ? MISSING : cell(level, of))),
  ]
  const terms = WATERFALL_TERMS.map((name, index) =>
    row(name, (level) => (level.terms[index]?.bps ?? 0).toFixed(4)),
  ).filter((cells) => cells.slice(1).some((cell) => cell !== MISSING && Number(cell) !== 0))
  const sign = quote === 'bid' ? '−' : '+'
  const rows = [
    ...terms,
    row('sum, bps', (level) => level.sumBps.toFixed(4)),
    row('sum, ticks', (level) => exactTicks(level.sumMicroTicks)),
    row('fair, ticks', (_, of) => exactTicks((of.fair.fairTicks ?? 0) * MICRO_TICKS_PER_TICK)),
    row(`fair ${sign} sum`, (level) => `${level.priceTicks}${level.addsUp ? '' : ' WRONG'}`),
    row('price', (level, of) => priceText(level.priceTicks, of.priceDecimals)),
    row('size', (level, of) => sizeText(level.sizeLots, of.szDecimals)),
  ]
  if (columns.some(({ level }) => level !== undefined && level.sizeLots !== level.wishedLots)) {
    rows.push(row('wished', (level, of) => sizeText(level.wishedLots, of.szDecimals)))
  }
  if (columns.some(({ level }) => level?.binding !== null))
    rows.push(row('size by', (level) => level.binding ?? MISSING))
  return tableText(
    [`${quote}, bps`, ...columns.map(({ head }) => head)],
    rows,
    columns.map((_, index) => index + 1),
  )
}

/** Whole micro-ticks as ticks with all six digits: exact. */
function exactTicks(microTicks: number): string {
  return (Math.round(microTicks) / MICRO_TICKS_PER_TICK).toFixed(6)
}

function riskLines(name: string, { risk, riskWidenBps }: Explanation): string[] {
  const widen = riskWidenBps > 0 ? `, ${riskWidenBps.toFixed(2)} bps wider` : ''
  return [
    `${name}: ${risk.action}${widen}${risk.findings.length === 0 ? ', no finding' : ''}`,
    ...risk.findings.map((finding) => `          ${finding.monitor} → ${finding.action}: ${finding.because}`),
  ]
}

function orderLines(name: string, of: Explanation): string[] {
  if (of.orders.length === 0) return [`${name}: none live, none wished`]
  const price = (ticks: number | null): string => priceText(ticks, of.priceDecimals)
  const size = (lots: number | null): string => (lots === null ? MISSING : sizeText(lots, of.szDecimals))
  const cells = (one: OrderDecision): string[] => [
    one.side,
    one.level === null ? MISSING : String(one.level),
    one.decision,
    one.oid === null ? MISSING : String(one.oid),
    price(one.priceTicks),
    size(one.openLots),
    price(one.wishedTicks),
    size(one.wishedLots),
    one.ageMs === null ? MISSING : `${one.ageMs} ms`,
    one.because,
  ]
  const head = [name, 'level', 'decision', 'oid', 'price', 'open', 'wished', 'size', 'age', 'because']
  return tableText(head, of.orders.map(cells), [1, 3, 4, 5, 6, 7, 8])
}
