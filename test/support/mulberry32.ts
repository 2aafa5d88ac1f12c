/**
 * mulberry32 with Box–Muller, cosine first: the sequence that the published test values were made with, so that their
 * series can be rebuilt. Not for the product, which uses sfc32.
 */

/** @returns a generator of uniforms on [0, 1) */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** `count` standard normals. */
export function gaussians(seed: number, count: number): number[] {
  const uniform = mulberry32(seed)
  const result: number[] = []
  while (result.length < count) {
    const radius = Math.sqrt(-2 * Math.log(Math.max(uniform(), 2 ** -53)))
    const angle = 2 * Math.PI * uniform()
    result.push(radius * Math.cos(angle), radius * Math.sin(angle))
  }
  return result.slice(0, count)
}
