import { readFileSync } from 'node:fs'

import { screen } from '@testing-library/react'
import { expect, test } from 'vitest'

import type { Job } from '../../api/types.ts'
import { job } from '../../test/factory.ts'
import { render } from '../../test/render.tsx'
import { JobEnd } from './JobEnd.tsx'

type Code = NonNullable<Job['error']>['code']
type Contract = { components: { schemas: { ErrorCode: { enum: Code[] } } } }

const CONTRACT = JSON.parse(readFileSync('../proto/openapi.json', 'utf8')) as Contract

test.each(CONTRACT.components.schemas.ErrorCode.enum)(
  'a video that failed with %s says why and what to quote',
  (code) => {
    const error = { code, message: `What ${code} means.`, reference: 'F-12AB34CD' }
    render(<JobEnd job={job({ status: 'failed', error })} onReuse={() => {}} />)
    const words = screen.getByTestId('job-error')
    expect(words).toHaveTextContent(`What ${code} means.`)
    expect(words).toHaveTextContent('Code F-12AB34CD')
  },
)
