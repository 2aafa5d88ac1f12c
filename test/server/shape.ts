/** Closed shapes of wire answers: a key too many, one too few, or a value of another form is a fault with its path. */
export type Shape = (value: unknown, at: string) => readonly string[]

const fits =
  (what: string, isFit: (value: unknown) => boolean): Shape =>
  (value, at) =>
    isFit(value) ? [] : [`${at || 'the answer'} is ${what}, got ${JSON.stringify(value)}`]

const textLike = (what: string, pattern: RegExp): Shape =>
  fits(what, (value) => typeof value === 'string' && pattern.test(value))

/** `S` of the reference. */
export const decimal: Shape = textLike('a decimal', /^-?[0-9]+(\.[0-9]+)?$/)
/** Of what cannot be below zero. */
export const unsigned: Shape = textLike('an unsigned decimal', /^[0-9]+(\.[0-9]+)?$/)
export const text: Shape = textLike('a text', /^/)
export const address: Shape = textLike('an address', /^0x[0-9a-f]{40}$/)
export const hash: Shape = textLike('a hash', /^0x[0-9a-f]{64}$/)
export const cloid: Shape = textLike('a cloid', /^0x[0-9a-f]{32}$/)
export const side: Shape = textLike('a side', /^[AB]$/)
export const whole: Shape = fits(
  'a whole number',
  (value) => Number.isSafeInteger(value) && Number(value) >= 0,
)
export const ms: Shape = fits('a time in ms', (value) => Number.isSafeInteger(value) && Number(value) > 1e12)
export const bool: Shape = fits('a boolean', (value) => typeof value === 'boolean')

export const exactly = (wanted: unknown): Shape => fits(JSON.stringify(wanted), (value) => value === wanted)
export const none: Shape = exactly(null)
export const oneOf = (...words: readonly string[]): Shape =>
  fits(`one of ${words.join(', ')}`, (value) => typeof value === 'string' && words.includes(value))

/** The faults of the last one when none of them fits. */
export const either =
  (...shapes: readonly Shape[]): Shape =>
  (value, at) => {
    let faults: readonly string[] = []
    for (const shape of shapes) {
      faults = shape(value, at)
      if (faults.length === 0) return []
    }
    return faults
  }
export const orNull = (shape: Shape): Shape => either(none, shape)

export const list =
  (item: Shape): Shape =>
  (value, at) =>
    Array.isArray(value)
      ? value.flatMap((one: unknown, index) => item(one, `${at}[${index}]`))
      : [`${at || 'the answer'} is a list, got ${JSON.stringify(value)}`]

export const tuple =
  (...items: readonly Shape[]): Shape =>
  (value, at) =>
    Array.isArray(value) && value.length === items.length
      ? items.flatMap((item, index) => item(value[index], `${at}[${index}]`))
      : [`${at || 'the answer'} has ${items.length} items, got ${JSON.stringify(value)}`]

/** Any key, all values alike. */
export const record =
  (item: Shape): Shape =>
  (value, at) =>
    isFields(value)
      ? Object.entries(value).flatMap(([key, one]) => item(one, `${at}.${key}`))
      : [`${at || 'the answer'} is an object, got ${JSON.stringify(value)}`]

/** These keys and no others. */
export const closed =
  (required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>> = {}): Shape =>
  (value, at) => {
    if (!isFields(value)) return [`${at || 'the answer'} is an object, got ${JSON.stringify(value)}`]
    const missing = Object.keys(required)
      .filter((key) => !Object.hasOwn(value, key))
      .map((key) => `${at}.${key} is missing`)
    const rest = Object.entries(value).flatMap(([key, one]) => {
      const shape = required[key] ?? optional[key]
      return shape === undefined ? [`${at}.${key} is not in the reference`] : shape(one, `${at}.${key}`)
    })
    return [...missing, ...rest]
  }

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
