/** Reading messages of a known shape from their bytes, without text or JSON in between. */

/** Moves past `expected`, or stays where it is. @returns whether it stood there */
export function take(scanner: { at: number }, bytes: Uint8Array, expected: Uint8Array): boolean {
  const { at } = scanner
  for (let index = 0; index < expected.length; index += 1) {
    if (bytes[at + index] !== expected[index]) return false
  }
  scanner.at = at + expected.length
  return true
}
