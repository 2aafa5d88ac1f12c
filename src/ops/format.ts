/** Numbers for people: from ticks, lots and micro-dollars to text. Display only; nothing here goes back into a decision. */

/** What stands where there is no number. */
export const MISSING = '–'

/** Ticks, whole or not, in the market's decimals. */
export function priceText(ticks: number | null, priceDecimals: number): string {
  return ticks === null ? MISSING : (ticks / 10 ** priceDecimals).toFixed(priceDecimals)
}

export function sizeText(lots: number, szDecimals: number): string {
  return (lots / 10 ** szDecimals).toFixed(szDecimals)
}

/**
 * Dollars with their sign, exact to the last micro-dollar where it matters.
 * @param decimals 0…6 digits behind the point, cut towards zero
 */
export function usdText(microUsd: number, decimals = 2): string {
  const cut = Math.trunc(Math.abs(microUsd) / 10 ** (6 - decimals))
  const digits = String(cut).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const sign = microUsd < 0 && cut > 0 ? '-' : ''
  return decimals === 0 ? sign + whole : `${sign}${whole}.${digits.slice(-decimals)}`
}

/** @param digits behind the point */
export function numberText(value: number | null, digits: number): string {
  return value === null ? MISSING : value.toFixed(digits)
}

/** `1 h 02 m 03 s`, shortest form. */
export function durationText(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const [hours = 0, minutes = 0, rest = 0] = parts
  if (hours > 0) return `${hours} h ${pad(minutes)} m ${pad(rest)} s`
  return minutes > 0 ? `${minutes} m ${pad(rest)} s` : `${rest} s`
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}
