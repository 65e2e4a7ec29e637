import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Router } from 'wouter'

import { isPassing } from '../api/problem.ts'
import { App } from './app/App.tsx'
import './operator.css'

const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (count, error) => count < 2 && isPassing(error), staleTime: 1_000 },
  },
})

createRoot(document.querySelector('#root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Router base="/operator">
        <App />
      </Router>
    </QueryClientProvider>
  </StrictMode>,
)
