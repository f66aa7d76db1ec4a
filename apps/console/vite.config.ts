import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import type { Plugin } from 'vite'

/** Of scripts and style sheets a compressed form each, made once here and not with every answer. */
const compressedFiles: Plugin = {
  name: 'compressed-files',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (!/\.(js|css)$/.test(file.fileName)) continue
        const plain = Buffer.from(file.type === 'chunk' ? file.code : file.source)
        const forms = { br: brotliCompressSync(plain), gz: gzipSync(plain, { level: 9 }) }
        for (const [ending, source] of Object.entries(forms)) {
          this.emitFile({ type: 'asset', fileName: `${file.fileName}.${ending}`, source })
        }
      }
    },
  },
}

/** The console as files that any server can hand out; see `apps/platform/src/console`. */
export default defineConfig({
  plugins: [react(), compressedFiles],
  build: {
    outDir: 'dist/web',
    emptyOutDir: true,
    // Served under the strict policy `default-src 'none'`: nothing is inlined as a data URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // Of these on there is `light-dark()`, which follows the colour scheme that the page has chosen.
    target: ['chrome123', 'firefox120', 'safari17.5'],
    manifest: 'manifest.json',
  },
})
