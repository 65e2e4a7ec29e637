import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const ingress = `http://127.0.0.1:${process.env.ANIMATRIX_PORT ?? 8080}`

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: 'baseline-widely-available',
    // Inlined files would be data: URLs, which the content security policy does not allow.
    assetsInlineLimit: 0,
    // The size check reads from it what the page loads first.
    manifest: true,
    rolldownOptions: { input: ['index.html', 'operator.html'] },
  },
  server: { proxy: { '/api': ingress, '/media': ingress, '/samples': ingress } },
  test: { environment: 'jsdom', setupFiles: ['src/test/setup.ts'], restoreMocks: true },
})
