import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { isPassing } from './api/problem.ts'
import { Root } from './app/Root.tsx'
import './index.css'

const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (count, error) => count < 3 && isPassing(error), staleTime: 2_000 },
  },
})

createRoot(document.querySelector('#root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Root />
    </QueryClientProvider>
  </StrictMode>,
)
