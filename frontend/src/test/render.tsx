import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { render as renderPlain } from '@testing-library/react'
import type { ReactNode } from 'react'

/** What is rendered on a page that asks the server, which is a stub of fetch. */
export function render(shown: ReactNode) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  return renderPlain(shown, {
    wrapper: ({ children }) => (
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    ),
  })
}
