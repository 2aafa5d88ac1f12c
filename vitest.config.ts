import { defineConfig, type ViteUserConfig } from 'vitest/config'

/** The everyday suite: everything but the long simulations, which `npm run test:long` runs. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.long.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})

export default config
